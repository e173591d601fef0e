package io.parallaxfleet.simulate;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Paces the bursts of many simulated devices on one thread. */
final class SimulatedFleet {
    private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(200).toNanos();

    private record Due(SimulatedDevice device, long nanos) {}

    private final List<SimulatedDevice> devices;
    private final double inferencesPerSecond;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::nanos));
    private long inferences;

    /** @param inferencesPerSecond mean rate of each device */
    SimulatedFleet(List<SimulatedDevice> devices, double inferencesPerSecond, Clock clock, LongSupplier nanoTime) {
        if (!(inferencesPerSecond > 0)) {
            throw new IllegalArgumentException("the rate is " + inferencesPerSecond + "; it must be above 0");
        }
        this.devices = List.copyOf(devices);
        this.inferencesPerSecond = inferencesPerSecond;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    long inferences() {
        return inferences;
    }

    /** Hands updates to every device. */
    void receive(List<ThresholdUpdate> updates) {
        devices.forEach(device -> device.receive(updates));
    }

    /** Runs until the latch opens or the time is over. Bursts that are late are made up for, so that the rate holds. */
    void run(long deadlineNanos, CountDownLatch stop, Runnable everySoOften) throws InterruptedException {
        long start = nanoTime.getAsLong();
        SplittableRandom phase = new SplittableRandom(devices.size());
        double period = SimulatedDevice.BURST / inferencesPerSecond * 1e9;
        for (SimulatedDevice device : devices) {
            queue.add(new Due(device, start + Math.round(phase.nextDouble() * period)));
        }
        while (stop.getCount() > 0 && nanoTime.getAsLong() - deadlineNanos < 0) {
            long now = nanoTime.getAsLong();
            Due next = queue.peek();
            if (next.nanos() - now > 0) {
                everySoOften.run();
                stop.await(Math.min(next.nanos() - now, LONGEST_WAIT_NANOS), TimeUnit.NANOSECONDS);
                continue;
            }
            queue.poll();
            inferences += next.device().burst(clock.instant());
            queue.add(new Due(next.device(), next.nanos() + next.device().nextGapNanos(inferencesPerSecond)));
        }
    }
}
