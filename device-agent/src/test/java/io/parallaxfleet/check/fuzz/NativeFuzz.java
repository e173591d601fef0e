package io.parallaxfleet.check.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gives mutants to a {@link NativeFuzzWorker}, and starts a new one when a mutant has ended it or keeps it longer than a minute.
 * Such a mutant is kept: our checks should have refused it before native code saw it.
 */
public final class NativeFuzz implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final Path folder;
    private final List<String> workerArguments;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "worker answers");
        thread.setDaemon(true);
        return thread;
    });
    private Process worker;
    private Writer toWorker;
    private BufferedReader fromWorker;

    NativeFuzz(Path folder) {
        this(folder, List.of());
    }

    private NativeFuzz(Path folder, List<String> workerArguments) {
        this.folder = folder;
        this.workerArguments = workerArguments;
    }

    /** Models are run once too. */
    static NativeFuzz running(Path folder) {
        return new NativeFuzz(folder, List.of(NativeFuzzWorker.RUN));
    }

    /** {@code NativeFuzz FIRST COUNT SEED FOLDER}: prints how many mutants came to what, keeps those that ended a worker. */
    public static void main(String[] arguments) throws Exception {
        long first = Long.parseLong(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Path folder = Files.createDirectories(Path.of(arguments[3])).toAbsolutePath();
        Mutants mutants = new Mutants(folder, seed, "squeezenet1_1", "synthetic_greedy_loop");
        Map<String, Long> answers = new TreeMap<>();
        try (NativeFuzz fuzz = new NativeFuzz(folder)) {
            for (long number = first; number < first + count; number++) {
                byte[] mutant = mutants.get(number);
                String answer = fuzz.ask(mutant);
                answers.merge(answer, 1L, Long::sum);
                if (!List.of("refused", "runtime", "prepared").contains(answer)) {
                    Files.write(folder.resolve("kept-" + seed + "-" + number + ".onnx"), mutant);
                    System.out.println("mutant " + number + ": " + answer);
                }
                if (number % 1000 == 999) {
                    System.out.println((number + 1) + " " + answers);
                }
            }
        }
        System.out.println(count + " mutants of seed " + seed + " from " + first + ": " + answers);
    }

    /** What became of a model: the worker's answer, or how it ended. */
    String ask(byte[] model) throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("mutant.onnx"), model);
        if (worker == null || !worker.isAlive()) {
            start();
        }
        try {
            toWorker.write(file + "\n");
            toWorker.flush();
        } catch (IOException e) {
            return ended();
        }
        Future<String> answer = reader.submit(this::nextAnswer);
        try {
            String said = answer.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            return said == null ? ended() : said;
        } catch (TimeoutException e) {
            worker.destroyForcibly().waitFor();
            return "hang";
        } catch (ExecutionException e) {
            return ended();
        }
    }

    private String nextAnswer() throws IOException {
        String line = fromWorker.readLine();
        while (line != null && !line.startsWith("answer ")) {
            line = fromWorker.readLine();
        }
        return line == null ? null : line.substring("answer ".length());
    }

    private String ended() throws InterruptedException {
        return "ended with " + worker.waitFor();
    }

    private void start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // Address space is limited so that a model that asks for all memory does not get it.
        List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -c 0; ulimit -v 16000000; exec \"$@\"", "sh", java, "-Xmx512m",
                "-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"), "-XX:TieredStopAtLevel=1", NativeFuzzWorker.class.getName()));
        words.addAll(workerArguments);
        ProcessBuilder command = new ProcessBuilder(words);
        // Kept out of the command line, see the launchers.
        command.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        command.environment().put("ORT_DISABLE_TELEMETRY", "1");
        worker = command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        toWorker = new OutputStreamWriter(worker.getOutputStream(), StandardCharsets.UTF_8);
        fromWorker = new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.destroyForcibly();
        }
        reader.shutdownNow();
    }
}
