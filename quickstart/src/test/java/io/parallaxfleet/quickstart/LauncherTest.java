package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher says before it builds or runs anything. */
@Timeout(60)
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
        Path java = Files.createDirectories(elsewhere.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
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

    private Result run(Path launcher, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(elsewhere, "out", "");
        Path err = Files.createTempFile(elsewhere, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the launcher hangs");
        return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
