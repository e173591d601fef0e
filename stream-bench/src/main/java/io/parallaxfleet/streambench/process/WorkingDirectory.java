package io.parallaxfleet.streambench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a run keeps data and logs. */
public final class WorkingDirectory {
    /** A run, with its exit code. */
    public interface Run {
        int in(Path directory) throws Exception;
    }

    private WorkingDirectory() {}

    /**
     * Runs in the directory that was asked for, or in a temporary one, which is deleted unless something failed.
     *
     * @return the run's exit code
     */
    public static int with(Optional<Path> wanted, String prefix, Run run) throws Exception {
        if (wanted.isPresent()) {
            return run.in(Files.createDirectories(wanted.get().toAbsolutePath()));
        }
        Path temporary = Files.createTempDirectory(prefix);
        int code = run.in(temporary);
        if (code == 0) {
            delete(temporary);
        }
        return code;
    }

    /** Deletes a directory with all it holds. */
    public static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
