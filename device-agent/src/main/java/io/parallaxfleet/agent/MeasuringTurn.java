package io.parallaxfleet.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The machine's measuring turn: agents that share a machine take it for one short burst each, so that their inferences do not
 * disturb one another. It is a lock on one file of the machine, which the kernel gives back when a holder dies. Polled and not
 * waited for: whoever polls gets the turn within {@value #POLL_MILLIS} ms of its release, so a holder that stays away for a few times
 * that after each burst shares fairly. Thread-safe.
 */
public final class MeasuringTurn implements AutoCloseable {
    static final long POLL_MILLIS = 3;

    private final FileChannel channel;

    private MeasuringTurn(FileChannel channel) {
        this.channel = channel;
    }

    /** @param file the machine's lock file; made if need be */
    public static MeasuringTurn at(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return new MeasuringTurn(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the measuring turn's lock file " + file + "; check permissions", e);
        }
    }

    /** A turn, or the decision to go without. Closing gives it back. */
    public interface Turn extends AutoCloseable {
        boolean exclusive();

        @Override
        void close();
    }

    /**
     * Takes the turn. A machine whose turn never comes free within the time, or whose file system has no locks, goes without.
     *
     * @param stop ends the wait early
     */
    public Turn take(Duration patience, CountDownLatch stop) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        do {
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return new Held(lock);
                }
            } catch (OverlappingFileLockException e) {
                // Held by another thread of this process: as good a reason to wait as another process.
            } catch (IOException e) {
                return new Without();
            }
        } while (!stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && System.nanoTime() < deadline);
        return new Without();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the measuring turn's lock file", e);
        }
    }

    private record Held(FileLock lock) implements Turn {
        @Override
        public boolean exclusive() {
            return true;
        }

        @Override
        public void close() {
            try {
                lock.release();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot give the measuring turn back", e);
            }
        }
    }

    private record Without() implements Turn {
        @Override
        public boolean exclusive() {
            return false;
        }

        @Override
        public void close() {}
    }
}
