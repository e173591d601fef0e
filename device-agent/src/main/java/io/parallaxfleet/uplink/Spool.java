package io.parallaxfleet.uplink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A first-in-first-out queue of records on disk, so that what a device reports outlives broker outages and restarts.
 *
 * <p>Records are appended to segment files and numbered from 0 for good. A reader {@linkplain #peek peeks} and, once the records are
 * safe elsewhere, {@linkplain #commit commits}; a crash between the two delivers them twice. Above the size limit the oldest segment
 * is dropped and its undelivered records are counted as lost, as is what a damaged segment no longer holds. A torn last record, which
 * a crash in an append leaves, is cut off at the next start.
 *
 * <p>Appended records survive a crash of the process at once and a crash of the machine after {@link #force()}. Thread-safe; one
 * process at a time.
 */
public final class Spool implements AutoCloseable {
    /**
     * @param segmentBytes a segment is closed when it is larger
     * @param maxBytes all segments together
     */
    public record Limits(long segmentBytes, long maxBytes) {
        /** 64 MiB in segments of 1 MiB: hours of telemetry. */
        public static final Limits DEFAULT = new Limits(1 << 20, 64 << 20);

        public Limits {
            if (segmentBytes < 1 || maxBytes < 2 * segmentBytes) {
                throw new IllegalArgumentException("a spool needs room for two segments: segmentBytes is " + segmentBytes
                        + ", maxBytes is " + maxBytes);
            }
        }
    }

    /** A record and its number. */
    public record Entry(long sequence, byte[] payload) {}

    private final Path directory;
    private final Limits limits;
    /** Oldest first, never empty while open; the last one is appended to. */
    private final Deque<SpoolSegment> segments = new ArrayDeque<>();
    /** Number of the first record that is not committed. */
    private long head;
    private long lost;
    private boolean closed;

    private Spool(Path directory, Limits limits) {
        this.directory = directory;
        this.limits = limits;
    }

    /** Opens the spool of a directory, made if need be, and resumes where it stopped. */
    public static Spool open(Path directory, Limits limits) {
        Spool spool = new Spool(directory, limits);
        try {
            Files.createDirectories(directory);
            spool.recover();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the spool in " + directory + "; check space and permissions", e);
        }
        return spool;
    }

    /** @throws UncheckedIOException when the disk refuses; the record is then not in the spool */
    public synchronized void append(byte[] payload) {
        requireOpen();
        try {
            if (segments.getLast().bytes() >= limits.segmentBytes()) {
                segments.getLast().force();
                segments.addLast(SpoolSegment.create(directory, segments.getLast().end()));
            }
            segments.getLast().append(payload);
            dropOldest();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the spool in " + directory + "; check space and permissions", e);
        }
        notifyAll();
    }

    /** The oldest records that are not committed, at most so many; empty when there are none. */
    public synchronized List<Entry> peek(int maxRecords) {
        requireOpen();
        List<Entry> found = new ArrayList<>();
        try {
            while (found.isEmpty() && head < segments.getLast().end()) {
                while (segments.getFirst().end() <= head) {
                    segments.removeFirst().delete();
                }
                SpoolSegment oldest = segments.getFirst();
                skipTo(Math.max(head, oldest.first()));
                found.addAll(oldest.read(head, maxRecords));
                if (found.isEmpty()) {
                    // The segment says it holds more, but the disk gives no sound record any more.
                    boolean last = oldest == segments.getLast();
                    skipTo(oldest.end());
                    if (last) {
                        segments.addLast(SpoolSegment.create(directory, head));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the spool in " + directory, e);
        }
        return found;
    }

    /** Waits until there is something to peek or the time is over. */
    public synchronized void await(long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        while (!closed && pending() == 0) {
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return;
            }
            wait(leftMillis);
        }
    }

    /** Every record before this number is delivered. Records that were dropped meanwhile are no error. */
    public synchronized void commit(long nextSequence) {
        requireOpen();
        if (nextSequence > segments.getLast().end()) {
            throw new IllegalArgumentException(
                    "record " + nextSequence + " cannot be committed; the spool ends at " + segments.getLast().end());
        }
        head = Math.max(head, nextSequence);
        try {
            Path fresh = directory.resolve("head.new");
            Files.writeString(fresh, Long.toString(head));
            Files.move(fresh, directory.resolve("head"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            while (segments.size() > 1 && segments.getFirst().end() <= head) {
                segments.removeFirst().delete();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the spool in " + directory + "; check space and permissions", e);
        }
    }

    /** Records that are not committed. */
    public synchronized long pending() {
        return closed ? 0 : segments.getLast().end() - head;
    }

    /** Records that this process had to drop undelivered. */
    public synchronized long lost() {
        return lost;
    }

    /** Brings what is appended to the disk. */
    public synchronized void force() {
        requireOpen();
        try {
            segments.getLast().force();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot sync the spool in " + directory, e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        notifyAll();
        try {
            segments.getLast().force();
            for (SpoolSegment segment : segments) {
                segment.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the spool in " + directory, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the spool in " + directory + " is closed");
        }
    }

    private void skipTo(long sequence) {
        lost += Math.max(0, sequence - head);
        head = Math.max(head, sequence);
    }

    private void dropOldest() throws IOException {
        long total = segments.stream().mapToLong(SpoolSegment::bytes).sum();
        while (total > limits.maxBytes() && segments.size() > 1) {
            SpoolSegment oldest = segments.removeFirst();
            total -= oldest.bytes();
            skipTo(oldest.end());
            oldest.delete();
        }
    }

    private void recover() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(SpoolSegment::isSegment).sorted().toList();
        }
        for (Path file : files) {
            segments.addLast(SpoolSegment.open(file));
        }
        Path headFile = directory.resolve("head");
        long committed = Files.exists(headFile) ? parse(Files.readString(headFile)) : 0;
        if (segments.isEmpty()) {
            segments.addLast(SpoolSegment.create(directory, committed));
        }
        // A head past the end means that the newest records never reached the disk: numbers must still only grow.
        if (committed > segments.getLast().end()) {
            segments.addLast(SpoolSegment.create(directory, committed));
        }
        head = Math.max(committed, segments.getFirst().first());
    }

    private static long parse(String text) {
        try {
            return Math.max(0, Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            // Without the position everything still on disk is delivered again, which readers can tell by its number.
            return 0;
        }
    }
}
