package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another thread or process brings about. */
final class Await {
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private Await() {}

    /** The value once there is one; fails with the description, and the state it is in, at the deadline. */
    static <T> T until(Duration deadline, String description, Supplier<Optional<T>> value, Supplier<String> state) {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            Optional<T> found = value.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > end) {
                return fail("not within " + deadline.toSeconds() + " s: " + description + "\n" + state.get());
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }
}
