package io.parallaxfleet.quickstart;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C or SIGTERM into an orderly end: the waiting thread is let go, and the JVM stays until {@link #close} says that
 * everything is closed. Close it last of what it protects: declare it first, or close it by hand.
 */
final class UntilEnd implements AutoCloseable {
    /** Longer than all components together take to close, each insisting after its own grace; then the JVM goes anyway. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    UntilEnd() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endInOrder, "end-in-order"));
    }

    /** Waits until the process is asked to end. */
    void await() throws InterruptedException {
        asked.await();
    }

    /** Waits at most so long; true when the process is asked to end. */
    boolean await(Duration time) throws InterruptedException {
        return asked.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether the process is asked to end. */
    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Everything is closed: a waiting shutdown may go on. */
    @Override
    public void close() {
        closed.countDown();
    }

    private void endInOrder() {
        asked.countDown();
        try {
            closed.await(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
