package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A savepoint of an earlier build, kept under {@code src/test/resources}, is read by this one: its README says how it was made.
 * {@code -Dsavepoint.write=true} makes a new one first.
 */
class KeptSavepointTest {
    private static final Path KEPT = Path.of("src", "test", "resources", "savepoint");
    private static final Path COUNTED = KEPT.resolve("counted.properties");
    private static final Path STATE = KEPT.resolve("state");

    private final SyntheticJob job = new SyntheticJob();

    @Test
    void aJobGoesOnFromASavepointThatWasKept(@TempDir Path directory) throws Exception {
        if (Boolean.getBoolean("savepoint.write")) {
            write(directory);
        }
        Map<String, Long> expected = counted();
        assertTrue(!expected.isEmpty() && !expected.equals(job.tally()), "the savepoint was made midway: " + expected);

        SyntheticJob restored = new SyntheticJob();
        restored.runToTheEnd(2, STATE.toUri().toString());

        restored.countedByModelAndBranch().forEach((name, count) -> expected.merge(name, count, Long::sum));
        assertEquals(restored.tally(), expected);
    }

    private void write(Path directory) throws Exception {
        Path savepoint = Path.of(URI.create(job.runUntilSavepoint(1, Optional.empty(), directory)));
        Files.createDirectories(STATE);
        clear(STATE);
        try (Stream<Path> files = Files.list(savepoint)) {
            for (Path file : files.toList()) {
                Files.copy(file, STATE.resolve(file.getFileName()));
            }
        }
        Properties counted = new Properties();
        job.countedByModelAndBranch().forEach((name, count) -> counted.setProperty(name, String.valueOf(count)));
        try (OutputStream out = Files.newOutputStream(COUNTED)) {
            counted.store(out, "What the job had counted when the savepoint was made, by model and branch");
        }
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static Map<String, Long> counted() {
        Properties counted = new Properties();
        try (InputStream in = Files.newInputStream(COUNTED)) {
            counted.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("there is no savepoint; make one with -Dsavepoint.write=true", e);
        }
        Map<String, Long> byName = new TreeMap<>();
        counted.forEach((name, count) -> byName.put((String) name, Long.parseLong((String) count)));
        return byName;
    }
}
