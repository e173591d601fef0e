package io.parallaxfleet.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Java heap that every thread of this process which now lives has taken since it began. */
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int BATCHES = 5;

    private AllocatedBytes() {}

    /**
     * By a number of runs of some work, each, all threads together. Threads that begin or end meanwhile are left out; what counting
     * itself takes is measured and left out too.
     */
    public static double ofOneRun(int runs, Runnable work) {
        long[] threads = THREADS.getAllThreadIds();
        long before = sum(threads);
        long counted = sum(threads);
        for (int run = 0; run < runs; run++) {
            work.run();
        }
        long after = sum(threads);
        return (double) (after - counted - (counted - before)) / runs;
    }

    /**
     * What a run of some work takes beyond one of another, the least of several batches of both in turns: what every run allocates is
     * in each of them, and what the JVM's compiler changes about the other in the middle of a batch is not.
     */
    public static double beyond(int runs, Runnable work, Runnable other) {
        double least = Double.POSITIVE_INFINITY;
        for (int batch = 0; batch < BATCHES; batch++) {
            least = Math.min(least, ofOneRun(runs, work) - ofOneRun(runs, other));
        }
        return Math.max(0, least);
    }

    private static long sum(long[] threads) {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(threads)) {
            // A thread that has ended counts -1.
            sum += Math.max(0, bytes);
        }
        return sum;
    }
}
