package io.parallaxfleet.agent;

import io.parallaxfleet.host.FileFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two agents out of one state directory: their spools would destroy each other. */
final class StateLock implements AutoCloseable {
    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws StateInUseException when another agent holds it; the message says what to do */
    static StateLock take(Path stateDirectory) {
        try {
            Files.createDirectories(stateDirectory);
            FileChannel channel = FileChannel.open(stateDirectory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() != null) {
                    return new StateLock(channel);
                }
            } catch (OverlappingFileLockException e) {
                // Another agent in this process: the same answer as for another process.
            }
            channel.close();
            throw new StateInUseException(stateDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the state directory '" + stateDirectory + "' (" + FileFailure.reason(e)
                    + "); check space and permissions or give another --state-dir", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give the state directory back", e);
        }
    }
}
