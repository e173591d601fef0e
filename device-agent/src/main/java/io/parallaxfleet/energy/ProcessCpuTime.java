package io.parallaxfleet.energy;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * CPU time that all threads of this process have used. Linux tells it to the nanosecond ({@code clock_gettime(2)}); the JVM itself
 * rounds it to clock ticks of 10 ms, in which a small inference vanishes. Thread-safe.
 */
public final class ProcessCpuTime {
    private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    private static final boolean FINE = fine();

    private ProcessCpuTime() {}

    /** In nanoseconds; negative where the platform does not tell. */
    public static long nanos() {
        if (FINE) {
            return LinuxClock.read();
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system ? system.getProcessCpuTime() : -1;
    }

    private static boolean fine() {
        // A timespec is two longs on 64 bits only.
        if (!System.getProperty("os.name").equals("Linux") || Native.LONG_SIZE != Long.BYTES) {
            return false;
        }
        try {
            LinuxClock.load();
            return LinuxClock.read() > 0;
        } catch (LastErrorException | LinkageError e) {
            return false;
        }
    }

    /** The C library's function under its own name. */
    private static final class LinuxClock {
        private LinuxClock() {}

        static void load() {
            Native.register(LinuxClock.class, "c");
        }

        static long read() {
            long[] timespec = new long[2];
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, timespec);
            return timespec[0] * 1_000_000_000L + timespec[1];
        }

        static native int clock_gettime(int clock, long[] timespec) throws LastErrorException;
    }
}
