package io.parallaxfleet.quickstart.faults;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what other processes do. */
final class Eventually {
    private static final long LOOK_EVERY_MILLIS = 250;

    private Eventually() {}

    /**
     * Waits until the condition holds, and says how long that took.
     *
     * @param what for the message
     * @param evidence asked for when it does not
     * @throws FaultRunException when it does not hold in time, or the thread is interrupted
     */
    static Duration holds(Duration within, String what, BooleanSupplier condition, Supplier<String> evidence) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > within.toNanos()) {
                throw new FaultRunException(what + " did not come within " + within.toSeconds() + " s; " + evidence.get());
            }
            pause(Duration.ofMillis(LOOK_EVERY_MILLIS));
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** @throws FaultRunException when the thread is interrupted */
    static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FaultRunException("interrupted", e);
        }
    }
}
