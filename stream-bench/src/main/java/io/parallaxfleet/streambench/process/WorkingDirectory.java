package io.parallaxfleet.streambench.process;

import io.parallaxfleet.quickstart.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
     * @throws IllegalArgumentException when the wanted directory holds something: a broker would go on with the topics of a run before
     */
    public static int with(Optional<Path> wanted, String prefix, Run run) throws Exception {
        if (wanted.isPresent()) {
            Path directory = Files.createDirectories(wanted.get().toAbsolutePath());
            requireEmpty(directory);
            return run.in(directory);
        }
        Path temporary = Files.createTempDirectory(prefix);
        int code = run.in(temporary);
        if (code == 0) {
            Directories.delete(temporary);
        }
        return code;
    }

    private static void requireEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new IllegalArgumentException("--directory " + directory + " is not empty; name another, or leave it out for a "
                        + "temporary one");
            }
        }
    }
}
