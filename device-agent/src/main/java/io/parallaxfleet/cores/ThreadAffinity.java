package io.parallaxfleet.cores;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.util.Optional;

/**
 * Binds the calling thread to cores ({@code sched_setaffinity(2)}).
 *
 * <p>Why an engine may want it: a pool thread that the kernel wakes on the core of a caller who spins for its result has to wait for
 * that caller's time slice. Whether this happens depends on the kernel and the load, so an engine measures before it binds. Threads
 * created by a bound thread inherit its cores, so a binding belongs around a run, not around set-up.
 *
 * <p>Thread-safe: every call is about the thread that makes it.
 */
public final class ThreadAffinity {
    /** Room for 1024 cores, what the C library's own type holds. */
    private static final int WORDS = 16;
    private static final NativeLong SIZE = new NativeLong(WORDS * Long.BYTES);

    private static final Optional<ThreadAffinity> OF_THIS_SYSTEM = open();

    private ThreadAffinity() {}

    /** Empty where there is no such call: not Linux, or a sandbox that refuses it. */
    public static Optional<ThreadAffinity> ofThisSystem() {
        return OF_THIS_SYSTEM;
    }

    private static Optional<ThreadAffinity> open() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.empty();
        }
        try {
            LinuxCalls.load();
            ThreadAffinity affinity = new ThreadAffinity();
            return affinity.set(affinity.get()) ? Optional.of(affinity) : Optional.empty();
        } catch (LastErrorException | LinkageError e) {
            return Optional.empty();
        }
    }

    /** Cores that the calling thread may run on. */
    public CoreSet get() {
        long[] mask = newMask();
        get(mask);
        return CoreSet.ofMask(mask);
    }

    /** Binds the calling thread; false when the system refuses, as for cores that are offline or not this process's. */
    public boolean set(CoreSet cores) {
        return set(cores.mask(WORDS));
    }

    /** Room for the cores of a thread, for {@link #get(long[])} and {@link #set(long[])}. */
    public static long[] newMask() {
        return new long[WORDS];
    }

    /** A set of cores as such a mask. */
    public static long[] mask(CoreSet cores) {
        return cores.mask(WORDS);
    }

    /** Writes the calling thread's cores into a {@linkplain #newMask mask}, core i being bit i % 64 of word i / 64. Allocates nothing. */
    public void get(long[] mask) {
        LinuxCalls.sched_getaffinity(0, SIZE, mask);
    }

    /** Binds the calling thread to the cores of a mask; false when the system refuses. Allocates nothing. */
    public boolean set(long[] mask) {
        try {
            LinuxCalls.sched_setaffinity(0, SIZE, mask);
            return true;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** The C library's functions under their own names. */
    private static final class LinuxCalls {
        private LinuxCalls() {}

        static void load() {
            Native.register(LinuxCalls.class, "c");
        }

        static native int sched_getaffinity(int thread, NativeLong bytes, long[] mask) throws LastErrorException;

        static native int sched_setaffinity(int thread, NativeLong bytes, long[] mask) throws LastErrorException;
    }
}
