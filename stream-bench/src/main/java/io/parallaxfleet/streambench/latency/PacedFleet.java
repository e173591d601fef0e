package io.parallaxfleet.streambench.latency;

import io.parallaxfleet.streambench.fleet.BenchFleet;
import io.parallaxfleet.streambench.fleet.FleetWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Sends each inference of a fleet when it is due, on a thread of its own. */
final class PacedFleet implements AutoCloseable {
    private static final long NAP_NANOS = 2_000_000;

    private final BenchFleet fleet;
    private final FleetWriter writer;
    private final Thread thread = new Thread(this::send, "paced-fleet");
    private final AtomicBoolean ending = new AtomicBoolean();
    private volatile long sent;
    private volatile long latestMillis;
    private volatile RuntimeException failure;

    PacedFleet(BenchFleet fleet, FleetWriter writer) {
        this.fleet = fleet;
        this.writer = writer;
        thread.setDaemon(true);
        thread.start();
    }

    private void send() {
        try {
            for (long n = 0; !ending.get(); n++) {
                long due = fleet.eventTimeMillis(n);
                while (System.currentTimeMillis() < due && !ending.get()) {
                    LockSupport.parkNanos(NAP_NANOS);
                }
                writer.inference(fleet.record(n));
                sent = n + 1;
                latestMillis = Math.max(latestMillis, System.currentTimeMillis() - due);
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    long sent() {
        if (failure != null) {
            throw failure;
        }
        return sent;
    }

    /** By how much an inference was handed to the producer later than it ended, at worst since the last time this was asked. */
    long latestMillis() {
        long latest = latestMillis;
        latestMillis = 0;
        return latest;
    }

    @Override
    public void close() throws InterruptedException {
        ending.set(true);
        thread.join();
    }
}
