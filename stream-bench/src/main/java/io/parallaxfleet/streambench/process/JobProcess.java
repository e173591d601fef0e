package io.parallaxfleet.streambench.process;

import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.quickstart.LocalFlink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.SavepointFormatType;

/**
 * The fleet job as it is shipped, with its default options, on a cluster in a process of its own. Takes one request a line and answers
 * each with {@code DONE ...} or {@code FAILED why}: {@code savepoint CANONICAL|NATIVE directory} with the savepoint's directory,
 * {@code heap} with the bytes in use after a collection, {@code sum name} and {@code max name} with a metric over all tasks. Ends with
 * its input.
 */
public final class JobProcess {
    private static final Duration SAVEPOINT = Duration.ofMinutes(5);

    private JobProcess() {}

    /** @param arguments bootstrap, registry, directory, state backend, parallelism, checkpoint interval in ms */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Path directory = Files.createDirectories(Path.of(arguments[2]));
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, arguments[3]);
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
        configuration.setString("metrics.reporter." + MetricBoard.NAME + ".factory.class", MetricBoard.class.getName());
        JobOptions options = JobOptions.defaults(arguments[0], URI.create(arguments[1]));
        options = options.withCheckpoints(Duration.ofMillis(Long.parseLong(arguments[5])), options.checkpoints().directory());
        try (LocalFlink flink = LocalFlink.start(options, Integer.parseInt(arguments[4]), directory, configuration)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            answers.println("READY");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.println(answer(flink, line.split(" ")));
            }
        }
        System.exit(0);
    }

    private static String answer(LocalFlink flink, String[] request) {
        if (flink.failure().isPresent()) {
            return "FAILED " + flink.failure().get();
        }
        try {
            return "DONE " + switch (request[0]) {
                case "savepoint" -> flink.savepoint(Path.of(request[2]), SavepointFormatType.valueOf(request[1]), SAVEPOINT);
                case "heap" -> heap();
                case "sum" -> MetricBoard.sum(request[1]);
                case "max" -> MetricBoard.max(request[1]);
                default -> throw new IllegalArgumentException("nothing is known of '" + request[0] + "'");
            };
        } catch (ExecutionException | TimeoutException | IllegalArgumentException e) {
            e.printStackTrace();
            return "FAILED " + e.toString().lines().findFirst().orElse("without a word");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "FAILED interrupted";
        }
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
