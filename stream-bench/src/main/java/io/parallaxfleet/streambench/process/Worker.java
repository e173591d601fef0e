package io.parallaxfleet.streambench.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A child JVM that answers each line with a line; what it logs goes to a file. */
public final class Worker implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(10);

    private final String name;
    private final Process process;
    private final PrintStream requests;
    private final BufferedReader answers;
    private final Path log;

    private String[] ready = {};

    private Worker(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.log = log;
    }

    /**
     * Starts a JVM and waits until it says that it is ready.
     *
     * @param leftOut jars that this one must not see
     */
    public static Worker start(String name, Class<?> main, List<String> arguments, Predicate<String> leftOut, String heap, Path directory)
            throws IOException {
        Path log = directory.resolve(name + ".log");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // The profiler then names the line that runs, not the next one at which a thread may be stopped.
                "-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints", "-Xmx" + heap, "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.time=ALL-UNNAMED", "-cp", classPath(leftOut), main.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(log.toFile());
        Worker worker = new Worker(name, builder.start(), log);
        worker.ready = worker.answer();
        return worker;
    }

    // A jar that was started alone has its libraries beside it, and names them all in its manifest: it comes last, so that what is left
    // out here is not found there before what stands in for it.
    private static String classPath(Predicate<String> leftOut) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path libraries = Path.of(entry).toAbsolutePath().resolveSibling("lib");
            if (entry.endsWith("stream-bench.jar") && Files.isDirectory(libraries)) {
                try (Stream<Path> jars = Files.list(libraries)) {
                    jars.map(Path::toString).sorted().forEach(entries::add);
                }
            }
            entries.add(entry);
        }
        entries.removeIf(entry -> leftOut.test(Path.of(entry).getFileName().toString()));
        return String.join(File.pathSeparator, entries);
    }

    /** What it said when it was ready. */
    public String[] ready() {
        return ready.clone();
    }

    /** The answer to a request, in words. */
    public String[] ask(String request) throws IOException {
        requests.println(request);
        return answer();
    }

    private String[] answer() throws IOException {
        String line = answers.readLine();
        if (line == null || line.startsWith("FAILED")) {
            throw new IOException(name + (line == null ? " ended" : ": " + line.substring("FAILED ".length())) + "; see " + log);
        }
        return Arrays.stream(line.split(" ")).skip(1).toArray(String[]::new);
    }

    /** CPU time of the process so far. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        requests.close();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
