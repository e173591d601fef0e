package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.streambench.fleet.FleetWriter;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** A small fleet that goes on reporting what its runs really took, on a thread of its own; a tenth of them explore. */
final class HonestFleet implements AutoCloseable {
    static final int DEVICES = 60;
    private static final long ROUND_MILLIS = 200;
    private static final long SEED = 7;

    private final Crowd crowd;
    private final FleetWriter writer;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final Thread thread = new Thread(this::report, "honest-fleet");
    private volatile long sent;

    HonestFleet(Crowd crowd, FleetWriter writer) {
        this.crowd = crowd;
        this.writer = writer;
        thread.setDaemon(true);
        thread.start();
    }

    private void report() {
        SplittableRandom random = new SplittableRandom(SEED);
        try {
            for (long round = 0; !ending.get(); round++) {
                for (int device = 0; device < DEVICES; device++) {
                    writer.inference(crowd.inference("sim-honest-" + device, round, System.currentTimeMillis(), 0, random.nextInt(10) == 0, 1,
                            random));
                }
                sent += DEVICES;
                Thread.sleep(ROUND_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Inferences so far; all of them once it is closed. */
    long sent() {
        return sent;
    }

    @Override
    public void close() throws InterruptedException {
        ending.set(true);
        thread.join();
    }
}
