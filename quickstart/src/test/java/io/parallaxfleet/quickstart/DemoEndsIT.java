package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** However the demo is ended, nothing of it stays. The packaged demo as a process of its own, with one agent and a small fleet. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DemoEndsIT {
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private Path temporary;
    private Path printed;
    private Process demo;
    private List<ProcessHandle> children = List.of();

    @BeforeEach
    void choose_directories() throws IOException {
        temporary = Files.createDirectory(directory.resolve("tmp"));
        printed = directory.resolve("printed");
    }

    @AfterEach
    void kill_what_a_failed_test_left() {
        children.forEach(ProcessHandle::destroyForcibly);
        demo.destroyForcibly();
    }

    @Test
    void after_its_duration_nothing_stays() throws Exception {
        start("--duration", "2s");
        awaitPrinted("ready:");
        children = demo.descendants().toList();
        assertEquals(0, exitCode());
        assertTrue(printed().contains("Summary after"), printed());
        assertNothingStays();
    }

    @Test
    void after_a_signal_to_its_process_nothing_stays_and_the_summary_is_told() throws Exception {
        start();
        awaitPrinted("ready:");
        children = demo.descendants().toList();
        send("TERM", List.of(demo.toHandle()));
        exitCode();
        assertTrue(printed().contains("Summary after"), printed());
        assertNothingStays();
    }

    @Test
    void ctrl_c_which_reaches_the_agents_as_well_is_no_accident_of_theirs() throws Exception {
        start();
        awaitPrinted("ready:");
        children = demo.descendants().toList();
        send("INT", Stream.concat(children.stream(), Stream.of(demo.toHandle())).toList());
        exitCode();
        assertTrue(printed().contains("Summary after") && !printed().contains("died"), printed());
        assertNothingStays();
    }

    @Test
    void a_signal_while_it_starts_leaves_nothing_either() throws Exception {
        start();
        awaitPrinted("starting the Flink job");
        children = demo.descendants().toList();
        send("TERM", List.of(demo.toHandle()));
        exitCode();
        assertNothingStays();
    }

    private void start(String... more) throws IOException {
        List<String> command = new ArrayList<>(listeningToSignals());
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary, "-jar", Path.of("target", "quickstart.jar").toAbsolutePath().toString(), "demo",
                "--headless", "--broker-port", "0", "--registry-port", "0", "--agents", "1", "--simulated", "2",
                "--models", "squeezenet1_1", "--cache", Path.of("target", "model-cache").toAbsolutePath().toString()));
        command.addAll(List.of(more));
        demo = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile()).start();
    }

    /** What a shell runs in the background ignores Ctrl-C, and so would a demo that it starts; GNU env sets that right. */
    private static List<String> listeningToSignals() {
        List<String> reset = List.of("env", "--default-signal=INT");
        try {
            List<String> trial = Stream.concat(reset.stream(), Stream.of("true")).toList();
            return new ProcessBuilder(trial).start().waitFor() == 0 ? reset : List.of();
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private void awaitPrinted(String text) {
        Await.until(DEADLINE, "the demo prints '" + text + "'", () -> {
            assertTrue(demo.isAlive(), () -> "the demo ended early: " + printed());
            return printed().contains(text) ? Optional.of(text) : Optional.empty();
        }, this::printed);
    }

    private int exitCode() throws InterruptedException {
        assertTrue(demo.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS), () -> "the demo does not end: " + printed());
        return demo.exitValue();
    }

    private void assertNothingStays() throws IOException {
        // And what builds kernels for the agent, at times.
        assertTrue(children.size() >= 2, "an agent and the simulated fleet were running");
        assertEquals(List.of(), children.stream().filter(ProcessHandle::isAlive).toList(), "processes");
        try (Stream<Path> files = Files.walk(temporary)) {
            assertEquals(List.of(temporary), files.toList(), printed());
        }
    }

    private static void send(String signal, List<ProcessHandle> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        processes.forEach(process -> command.add(String.valueOf(process.pid())));
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), command.toString());
    }

    private String printed() {
        try {
            return Files.readString(printed, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "its output cannot be read: " + e;
        }
    }
}
