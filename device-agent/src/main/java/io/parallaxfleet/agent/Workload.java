package io.parallaxfleet.agent;

import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.workload.Explorer;
import io.parallaxfleet.workload.PlanChoice;
import io.parallaxfleet.workload.WorkModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The device's work: bursts of the models in turn until told to stop. Not thread-safe; {@link #run} is one thread's. */
final class Workload {
    /** A model that fails so often in a row is left out. */
    private static final int MAX_FAILURES = 3;

    private final List<WorkModel> models;
    private final Explorer explorer;
    private final BurstRunner bursts;
    private final ThresholdStore store;
    private final AgentEvents events;
    private final LongSupplier nanoTime;
    private final Map<WorkModel, Integer> failures = new HashMap<>();
    private final Map<WorkModel, OptionalLong> lastMedian = new HashMap<>();
    private long inferences;
    private long exploredBursts;

    Workload(List<WorkModel> models, Explorer explorer, BurstRunner bursts, ThresholdStore store, AgentEvents events,
            LongSupplier nanoTime) {
        this.models = new ArrayList<>(models);
        this.explorer = explorer;
        this.bursts = bursts;
        this.store = store;
        this.events = events;
        this.nanoTime = nanoTime;
    }

    long inferences() {
        return inferences;
    }

    long exploredBursts() {
        return exploredBursts;
    }

    /** One line: what each model's own plan takes at the moment. */
    String latencies() {
        List<String> parts = new ArrayList<>();
        for (WorkModel model : models) {
            lastMedian.getOrDefault(model, OptionalLong.empty()).ifPresent(nanos ->
                    parts.add(String.format("%s %.1f ms", model.name(), nanos * 1e-6)));
        }
        return String.join(", ", parts);
    }

    /**
     * Runs until the latch opens, the time is over or no model is left.
     *
     * @param everySoOften called between bursts
     * @return whether any model was left at the end
     */
    boolean run(Duration interval, long deadlineNanos, CountDownLatch stop, Runnable everySoOften) throws InterruptedException {
        int next = 0;
        while (stop.getCount() > 0 && !models.isEmpty() && nanoTime.getAsLong() - deadlineNanos < 0) {
            next %= models.size();
            WorkModel model = models.get(next++);
            long epoch = store.inForce().epoch();
            PlanChoice choice = explorer.choose(model, epoch);
            BurstRunner.Outcome outcome = bursts.run(model, choice, epoch, stop);
            inferences += outcome.runs();
            exploredBursts += choice.explored() ? 1 : 0;
            if (!choice.explored() && outcome.medianNanos().isPresent()) {
                lastMedian.put(model, outcome.medianNanos());
            }
            judge(model, choice, outcome);
            everySoOften.run();
            stop.await(Math.max(interval.toMillis(), 10 * MeasuringTurn.POLL_MILLIS), TimeUnit.MILLISECONDS);
        }
        return !models.isEmpty();
    }

    private void judge(WorkModel model, PlanChoice choice, BurstRunner.Outcome outcome) {
        if (outcome.failure().isEmpty()) {
            failures.remove(model);
            return;
        }
        events.warn(model.name() + (choice.explored() ? " (explored plan)" : "") + " failed: " + outcome.failure().get());
        if (!choice.explored() && failures.merge(model, 1, Integer::sum) >= MAX_FAILURES) {
            events.warn(model.name() + " failed " + MAX_FAILURES + " times in a row and is left out from now on");
            models.remove(model);
        }
    }
}
