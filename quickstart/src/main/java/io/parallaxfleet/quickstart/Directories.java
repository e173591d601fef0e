package io.parallaxfleet.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Temporary directories. */
public final class Directories {
    /** What writes into a directory that is deleted is ending; it does not write for ever. */
    private static final int ATTEMPTS = 5;

    private Directories() {}

    /**
     * Makes a directory of its own under {@code java.io.tmpdir}.
     *
     * @param user what needs it, for the message
     * @throws StartupException where none can be made there
     */
    static Path temporary(String prefix, String user) {
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new StartupException("no temporary directory for " + user + " can be made in " + System.getProperty("java.io.tmpdir")
                    + " (" + e + "); free space there or name another with PARALLAX_JAVA_OPTS=-Djava.io.tmpdir=DIR", e);
        }
    }

    /** Makes a directory that has a name. */
    static Path named(Path directory, String user) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StartupException("no directory for " + user + " can be made at " + directory + " (" + e + ")", e);
        }
    }

    /** Deletes a temporary directory with all it holds; what cannot be deleted is left to the system. */
    public static void delete(Path directory) {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
                return;
            } catch (IOException | UncheckedIOException e) {
                // A file came or went meanwhile.
                continue;
            }
        }
    }

    /** Deletes all but the logs with something in them; whether any are left, and with them the directory. */
    static boolean keepLogs(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().endsWith(".log") || Files.size(file) == 0) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            // Better too much is kept than what explains the failure is lost.
            return true;
        }
        return !isEmptyAndDeleted(directory);
    }

    private static boolean isEmptyAndDeleted(Path directory) {
        try {
            Files.delete(directory);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
