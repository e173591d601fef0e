package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A simulated machine that others use too: its speed steps between two epochs and wanders from window to window, each model answers to
 * that in its own way, and thresholds change the latency of some models.
 */
final class Machine {
    static final List<String> CHANGED = List.of("detector", "embedder");
    private static final double SCATTER = 0.15;
    private static final double SLOW_RUNS = 0.08;

    private final SplittableRandom random;
    private final Map<String, Double> sensitivity = new LinkedHashMap<>();
    private double wander;
    private long endMillis;

    /** @param spread standard deviation over models of how strongly they answer to the machine; 0: all alike */
    Machine(int controls, double spread, SplittableRandom random) {
        this.random = random;
        CHANGED.forEach(model -> sensitivity.put(model, 1 + spread * random.nextGaussian()));
        for (int i = 0; i < controls; i++) {
            sensitivity.put("kept-" + i, 1 + spread * random.nextGaussian());
        }
    }

    /** Puts down the next window. @param drift of the machine, as effect the natural logarithm of a ratio of latencies */
    void window(EpochWindows into, double drift, double effect) {
        Map<String, LatencySketch> window = next(drift, effect);
        window.forEach((model, sketch) -> into.add(endMillis, model, sketch));
    }

    /** Several windows added up. */
    Map<String, LatencySketch> pooled(int windows, double drift, double effect) {
        Map<String, LatencySketch> all = new LinkedHashMap<>();
        for (int i = 0; i < windows; i++) {
            next(drift, effect).forEach((model, sketch) -> all.computeIfAbsent(model, name -> new LatencySketch()).merge(sketch));
        }
        return all;
    }

    private Map<String, LatencySketch> next(double drift, double effect) {
        endMillis += 10_000;
        wander = 0.7 * wander + 0.05 * random.nextGaussian();
        Map<String, LatencySketch> window = new LinkedHashMap<>();
        sensitivity.forEach((model, own) -> {
            LatencySketch sketch = new LatencySketch();
            double level = Math.log(10e6) + own * (drift + wander) + (CHANGED.contains(model) ? effect : 0);
            for (int run = 0; run < 20; run++) {
                double slow = random.nextDouble() < SLOW_RUNS ? 0.4 : 0;
                sketch.add(Math.round(Math.exp(level + SCATTER * random.nextGaussian() + slow)));
            }
            window.put(model, sketch);
        });
        return window;
    }

    /** What one device says of its plans. */
    ThresholdAck acknowledgement(String device) {
        List<Replan> plans = sensitivity.keySet().stream().map(model -> Replan.newBuilder()
                .setModel(model)
                .setPlanIdBefore(model + "-old")
                .setPlanIdAfter(model + (CHANGED.contains(model) ? "-new" : "-old"))
                .setDelegatedRegionsBefore(1)
                .setDelegatedRegionsAfter(0)
                .setReplanNanos(1)
                .build()).toList();
        return ThresholdAck.newBuilder()
                .setDeviceId(device)
                .setDeviceClass("board")
                .setSimulated(false)
                .setEpoch(1)
                .setRolloutId("any")
                .setOutcome(AckOutcome.APPLIED)
                .setPlans(plans)
                .setTimestamp(Instant.EPOCH)
                .build();
    }
}
