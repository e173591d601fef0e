package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher says before it runs anything, and how it builds. */
@Timeout(300)
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "parallax").toAbsolutePath().normalize();

    @TempDir
    private Path elsewhere;

    private record Result(int exit, String out, String err) {}

    @Test
    void alone_it_lists_the_verbs() throws Exception {
        Result result = run(LAUNCHER, Map.of());
        assertEquals(0, result.exit());
        assertTrue(result.out().contains("demo"), result.out());
        assertEquals(result.out(), run(LAUNCHER, Map.of(), "--help").out());
    }

    @Test
    void its_list_has_every_verb_that_runs_beside_the_fleet() throws Exception {
        var listed = new TreeSet<String>();
        Matcher lines = Pattern.compile("(?m)^  (\\w+) {2,}").matcher(run(LAUNCHER, Map.of()).out());
        while (lines.find()) {
            listed.add(lines.group(1));
        }
        assertTrue(listed.containsAll(Main.commandLine().getSubcommands().keySet()), listed.toString());
    }

    @Test
    void an_unknown_verb_is_one_line_and_exit_code_2() throws Exception {
        Result result = run(LAUNCHER, Map.of(), "dance");
        assertEquals(2, result.exit());
        assertEquals(1, result.err().strip().lines().count(), result.err());
        assertTrue(result.err().contains("dance"), result.err());
    }

    @Test
    void a_java_home_without_java_is_one_line() throws Exception {
        Result result = run(LAUNCHER, Map.of("JAVA_HOME", elsewhere.toString()), "topics");
        assertEquals(1, result.exit());
        assertEquals(1, result.err().strip().lines().count(), result.err());
        assertTrue(result.err().contains(elsewhere.toString()), result.err());
    }

    @Test
    void a_java_older_than_17_is_one_line_that_names_its_version() throws Exception {
        script("java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
        Result result = run(LAUNCHER, Map.of("JAVA_HOME", elsewhere.toString()), "topics");
        assertEquals(1, result.exit());
        assertEquals(1, result.err().strip().lines().count(), result.err());
        assertTrue(result.err().contains("Java 11"), result.err());
    }

    @Test
    void it_works_through_a_symbolic_link_from_another_directory() throws Exception {
        Path link = Files.createSymbolicLink(elsewhere.resolve("fleet"), LAUNCHER);
        try {
            assertEquals(run(LAUNCHER, Map.of()).out(), run(link, Map.of()).out());
        } finally {
            Files.delete(link);
        }
    }

    /** On a copy of the launcher without sources, with a Java and a Maven that only say that they ran. */
    @Nested
    class OnAnUnbuiltClone {
        private Path clone;
        private Path lock;

        @BeforeEach
        void copy_the_launcher() throws IOException {
            clone = Files.createDirectories(elsewhere.resolve("clone"));
            lock = clone.resolve("target").resolve("build.lock");
            Files.copy(LAUNCHER, clone.resolve("parallax"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.createFile(clone.resolve("pom.xml"));
            script("java", "echo 'openjdk version \"17.0.2\"' >&2; echo \"java $*\"");
            // It builds until it is let go, and tells how often it was started.
            script("mvn", "echo started >>builds; until [ -e go ]; do sleep 0.1; done; mkdir -p quickstart/target",
                    ": >quickstart/target/quickstart.jar");
        }

        @Test
        void two_verbs_at_once_build_once_and_the_second_says_what_it_waits_for() throws Exception {
            Running first = start(clone.resolve("parallax"), path(), "topics");
            await("the first builds", () -> Files.exists(clone.resolve("builds")));
            Running second = start(clone.resolve("parallax"), path(), "job");
            await("the second waits", () -> second.err().contains("Waiting for the build of process " + first.process().pid()));
            Files.createFile(clone.resolve("go"));
            assertTrue(first.end().out().contains("topics"));
            assertTrue(second.end().out().contains("job"));
            assertEquals(List.of("started"), Files.readAllLines(clone.resolve("builds")));
            assertFalse(Files.exists(lock, LinkOption.NOFOLLOW_LINKS), "the lock is given back");
        }

        @Test
        void the_lock_of_a_process_that_is_gone_is_taken_over() throws Exception {
            Process gone = new ProcessBuilder("true").start();
            gone.waitFor();
            Files.createDirectories(lock.getParent());
            Files.createSymbolicLink(lock, Path.of(String.valueOf(gone.pid())));
            Files.createFile(clone.resolve("go"));
            Result result = start(clone.resolve("parallax"), path(), "topics").end();
            assertEquals(0, result.exit(), result.err());
            assertTrue(result.err().contains("Process " + gone.pid()), result.err());
            assertFalse(Files.exists(lock, LinkOption.NOFOLLOW_LINKS), "the lock is given back");
        }

        @Test
        void a_build_that_fails_gives_the_lock_back() throws Exception {
            script("mvn", "exit 1");
            Result result = start(clone.resolve("parallax"), path(), "topics").end();
            assertEquals(1, result.exit(), result.err());
            assertFalse(Files.exists(lock, LinkOption.NOFOLLOW_LINKS));
        }

        @Test
        void building_the_quickstart_builds_the_agent_too() throws Exception {
            script("mvn", "echo started >>builds; mkdir -p quickstart/target device-agent/target",
                    ": >quickstart/target/quickstart.jar; : >device-agent/target/parallax-agent.jar");
            start(clone.resolve("parallax"), path(), "topics").end();
            assertEquals(0, start(clone.resolve("parallax"), path(), "bench").end().exit());
            assertEquals(List.of("started"), Files.readAllLines(clone.resolve("builds")));
        }

        private Map<String, String> path() {
            return Map.of("PATH", elsewhere.resolve("bin") + ":" + System.getenv("PATH"), "JAVA_HOME", "");
        }

        private void await(String what, BooleanSupplier happened) {
            Await.until(Duration.ofMinutes(4), what, () -> happened.getAsBoolean() ? Optional.of(true) : Optional.empty(), () -> "");
        }
    }

    private void script(String name, String... lines) throws IOException {
        Path file = Files.createDirectories(elsewhere.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result run(Path launcher, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return start(launcher, environment, arguments).end();
    }

    private Running start(Path launcher, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(elsewhere, "out", "");
        Path err = Files.createTempFile(elsewhere, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        return new Running(builder.start(), out, err);
    }

    private record Running(Process process, Path outFile, Path errFile) {
        Result end() throws InterruptedException {
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the launcher hangs");
            return new Result(process.exitValue(), read(outFile), err());
        }

        String err() {
            return read(errFile);
        }

        private static String read(Path file) {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
