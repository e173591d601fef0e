package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.Objective;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobMainTest {
    private static final String[] REQUIRED = {"--bootstrap", "localhost:9092", "--registry", "http://localhost:8081"};

    @Test
    void theCommandLineBecomesOptions() {
        JobOptions options = parse("--window", "5s", "--fit-interval", "2m", "--min-regions", "4", "--min-samples", "12",
                "--checkpoint-interval", "500ms", "--checkpoint-dir", "file:///somewhere", "--delivery", "at-least-once",
                "--transaction-timeout", "2m", "--objective", "energy", "--guard", "0.1");

        assertEquals("localhost:9092", options.bootstrap());
        assertEquals(Duration.ofSeconds(5), options.window());
        assertEquals(Duration.ofMinutes(2), options.fitInterval());
        assertEquals(4, options.fit().minDistinctRegions());
        assertEquals(12, options.rollout().judge().minSamplesPerModel());
        assertEquals(Objective.ENERGY, options.rollout().objective());
        assertEquals(0.1, options.rollout().guardWorseBy());
        assertEquals(new CheckpointOptions(Duration.ofMillis(500), Optional.of("file:///somewhere"), Delivery.AT_LEAST_ONCE,
                Duration.ofMinutes(2)), options.checkpoints());
    }

    @Test
    void whatIsLeftOutHasTheDefaultsOfTheOptions() {
        JobOptions parsed = parse();

        assertEquals(JobOptions.defaults(parsed.bootstrap(), parsed.registry()), parsed);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(quoteCharacter = '"', value = {
        "--window, 10, '10' is not a time",
        "--window, 2ms, window is PT0.002S",
        "--checkpoint-interval, 8m, transaction timeout is PT15M; it must be at least twice the checkpoint interval",
        "--delivery, sometimes, delivery 'sometimes' is not one of exactly-once, at-least-once",
        "--min-regions, 2, minDistinctRegions is 2",
        "--min-samples, 0, minSamplesPerModel is 0",
        "--min-improvement, 1.5, minimum improvement is 1.5",
        "--objective, money, 'money' is not an objective",
        "--guard, 0, guardWorseBy is 0.0",
        "--look-interval, 0s, look interval is PT0S",
        "--max-foreign-cpu, -1, maxForeignCpuShare is -1.0",
        "--bootstrap, nowhere, bootstrap server 'nowhere' is not host:port",
        "--registry, ftp://here, registry 'ftp://here' is not an http or https URL",
        "--unheard-of, 1, Unknown option"
    })
    void aBadOptionIsOneLineThatNamesIt(String option, String value, String said) {
        JobMain.StartFailure failure = assertThrows(JobMain.StartFailure.class, () -> parse(option, value));

        assertTrue(failure.getMessage().contains(said), failure.getMessage());
        assertEquals(1, failure.getMessage().lines().count());
    }

    @Test
    void aMissingOptionIsOneLineThatNamesIt() {
        JobMain.StartFailure failure = assertThrows(JobMain.StartFailure.class, () -> JobMain.parse(new String[0]));

        assertTrue(failure.getMessage().contains("--bootstrap"), failure.getMessage());
        assertEquals(1, failure.getMessage().lines().count());
    }

    @Test
    void aBrokerThatIsNotThereEndsTheProcessWithOneLineAndAStatus() throws IOException, InterruptedException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                JobMain.class.getName(), "--bootstrap", "localhost:" + unused, "--registry", "http://localhost:" + unused);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        List<String> errors = errorLines(process);

        assertNotEquals(0, process.waitFor());
        List<String> said = errors.stream().filter(line -> line.startsWith("cannot start")).toList();
        assertEquals(1, said.size(), errors::toString);
        assertTrue(said.get(0).contains("Kafka at localhost:" + unused), said.get(0));
        assertTrue(errors.stream().noneMatch(line -> line.startsWith("\tat ")), errors::toString);
    }

    private static List<String> errorLines(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }

    /** The required options, those of the test in their place or after them. */
    private static JobOptions parse(String... given) {
        List<String> args = new ArrayList<>(List.of(given));
        for (int i = 0; i < REQUIRED.length; i += 2) {
            if (!args.contains(REQUIRED[i])) {
                args.addAll(List.of(REQUIRED[i], REQUIRED[i + 1]));
            }
        }
        return JobMain.parse(args.toArray(new String[0])).orElseThrow();
    }
}
