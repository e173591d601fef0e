package io.parallaxfleet.engine;

import io.parallaxfleet.energy.EnergyMeter;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A simulated machine on which other work comes and goes: every run is scattered, and slowed down while others are busy, more so
 * where its threads spin. Times are nanoseconds of a simulated clock.
 */
final class NoisyMachine {
    private final Random random;
    private final double busyShare;
    private final Duration meanBurst;
    private final boolean tellsLoad;
    private long clockNanos;
    private boolean busy;
    private long changesAtNanos;
    private long busyNanos;
    private long accountedNanos;

    /**
     * @param busyShare of the time that others are busy
     * @param meanBurst how long they are at a time
     * @param tellsLoad whether the load of others can be seen
     */
    NoisyMachine(long seed, double busyShare, Duration meanBurst, boolean tellsLoad) {
        this.random = new Random(seed);
        this.busyShare = busyShare;
        this.meanBurst = meanBurst;
        this.tellsLoad = tellsLoad;
        this.busy = random.nextDouble() < busyShare;
        this.changesAtNanos = spell();
    }

    private long spell() {
        double mean = meanBurst.toNanos() * (busy ? 1 : (1 - busyShare) / Math.max(1e-9, busyShare));
        return (long) Math.min(1e15, -mean * Math.log(1 - random.nextDouble()));
    }

    private void advance(long nanos) {
        long until = clockNanos + nanos;
        while (changesAtNanos < until) {
            account(changesAtNanos);
            busy = !busy;
            changesAtNanos += Math.max(1, spell());
        }
        account(until);
        clockNanos = until;
    }

    private void account(long until) {
        busyNanos += busy ? until - accountedNanos : 0;
        accountedNanos = until;
    }

    /**
     * A way to run.
     *
     * @param nanos of a run in the quiet
     * @param slowedBy what others' work multiplies it by
     */
    ExecutionTrial.Candidate candidate(String name, double nanos, double slowedBy) {
        return new ExecutionTrial.Candidate(name, () -> {
            // Scatter of 6 %, and now and then a run that took twice as long for no reason that shows.
            double factor = Math.exp(0.06 * random.nextGaussian()) * (random.nextInt(20) == 0 ? 2 : 1) * (busy ? slowedBy : 1);
            long took = (long) (nanos * factor);
            advance(took);
            return took;
        });
    }

    TrialConditions conditions() {
        return new TrialConditions(() -> clockNanos, pause -> advance(pause.toNanos()), TrialRounds.SETTLING, this::watch,
                new EnergyMeter.None(), random);
    }

    private Supplier<OptionalDouble> watch() {
        long start = clockNanos;
        long busyBefore = busyNanos;
        // Others take half of the cores while they are busy.
        return () -> Optional.of(tellsLoad).filter(known -> known && clockNanos > start)
                .map(known -> OptionalDouble.of(0.5 * (busyNanos - busyBefore) / (clockNanos - start)))
                .orElse(OptionalDouble.empty());
    }
}
