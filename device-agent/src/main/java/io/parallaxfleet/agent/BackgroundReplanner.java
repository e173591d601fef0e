package io.parallaxfleet.agent;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.workload.Replanner;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Runs a {@link Replanner} on a thread of its own while the workload goes on. */
final class BackgroundReplanner implements AutoCloseable {
    private static final long CLOSE_SECONDS = 20;

    private final Replanner replanner;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "parallax-replanner");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closing;

    BackgroundReplanner(Replanner replanner) {
        this.replanner = replanner;
    }

    /** Queues updates; returns at once. Not called after {@link #close}. */
    void accept(List<ThresholdUpdate> updates) {
        executor.execute(() -> {
            if (!closing) {
                replanner.process(updates);
            }
        });
    }

    /** Whether plans are being built now: inferences beside that are disturbed. */
    boolean busy() {
        return replanner.busy();
    }

    /**
     * Waits for the re-planning in progress; what is queued behind it is not done. Nothing is interrupted: that would close files
     * under an engine that is building.
     */
    @Override
    public void close() {
        closing = true;
        executor.shutdown();
        try {
            executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
