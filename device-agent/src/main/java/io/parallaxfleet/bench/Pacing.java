package io.parallaxfleet.bench;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;

/** How the runs of a contender's turn follow one another. */
public enum Pacing {
    /** At once. */
    BACK_TO_BACK,
    /** Each {@link #GAP} after the one before, as a camera or a keyboard paces them. */
    PACED;

    /** Gap of paced runs. */
    static final Duration GAP = Duration.ofMillis(15);

    /** Gap between contenders: longer than an ONNX Runtime thread spins after its last piece of work. Up to 50 ms were seen. */
    static final Duration SETTLING = Duration.ofMillis(80);

    /**
     * Sleeps that long.
     *
     * @throws CancellationException when the thread is interrupted
     */
    static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            if (Thread.interrupted()) {
                throw new CancellationException("stopped; nothing was measured to its end");
            }
            LockSupport.parkNanos(left);
        }
    }
}
