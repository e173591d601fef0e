package io.parallaxfleet.schedule;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The last reading of another source while it is fresh: a decision per inference costs no file access, and free memory does not
 * change faster than this matters. Thread-safe.
 */
public final class RecentAvailableMemory implements AvailableMemory {
    private final AvailableMemory source;
    private final long freshNanos;
    private final LongSupplier nanoTime;
    /** Time of {@link #reading}; both change together under the monitor. */
    private long readAtNanos;
    private long reading;
    private boolean read;

    /**
     * @param fresh how long a reading serves
     * @param nanoTime a monotonic clock
     */
    public RecentAvailableMemory(AvailableMemory source, Duration fresh, LongSupplier nanoTime) {
        if (fresh.isNegative()) {
            throw new IllegalArgumentException("a reading cannot stay fresh for " + fresh);
        }
        this.source = source;
        this.freshNanos = fresh.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized long bytes() {
        long now = nanoTime.getAsLong();
        if (!read || now - readAtNanos >= freshNanos) {
            reading = source.bytes();
            readAtNanos = now;
            read = true;
        }
        return reading;
    }

    @Override
    public void close() {
        source.close();
    }
}
