package io.parallaxfleet.streambench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes the time from the first record that a contender reads, so that nobody pays for the start of a cluster or for joining a
 * consumer group. Static, because engines copy functions to where they run.
 */
final class Clock {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final AtomicReference<Reading> START = new AtomicReference<>();

    /** @param cpuNanos CPU time of all threads of this process, those of the JVM's compiler and collector too */
    record Reading(long wallNanos, long cpuNanos) {
        static Reading now() {
            return new Reading(System.nanoTime(), PROCESS.getProcessCpuTime());
        }
    }

    private Clock() {}

    static void reset() {
        START.set(null);
    }

    /** Every contender calls this for each record that it reads. */
    static void recordRead() {
        if (START.get() == null) {
            START.compareAndSet(null, Reading.now());
        }
    }

    /** What has passed since the first record. */
    static Reading sinceFirstRecord() {
        Reading start = START.get();
        if (start == null) {
            throw new IllegalStateException("no record was read");
        }
        Reading now = Reading.now();
        return new Reading(now.wallNanos() - start.wallNanos(), now.cpuNanos() - start.cpuNanos());
    }
}
