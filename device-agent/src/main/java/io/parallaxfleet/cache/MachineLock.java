package io.parallaxfleet.cache;

import io.parallaxfleet.host.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;

/** Lets one thread of one process on the machine do something at a time. A process that dies gives the lock back. */
public final class MachineLock {
    private MachineLock() {}

    /**
     * Does the work while no other thread or process that names the same file does its own; waits for its turn.
     *
     * @throws UncheckedIOException when the lock file cannot be made; names it
     */
    public static <T> T whileHolding(Path file, Supplier<T> work) {
        // A file lock is held by the whole process, so threads need a monitor of their own.
        synchronized (MachineLock.class) {
            try {
                Files.createDirectories(file.toAbsolutePath().getParent());
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    return work.get();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "cannot lock '" + file + "' (" + FileFailure.reason(e) + "); check permissions or give another cache directory", e);
            }
        }
    }
}
