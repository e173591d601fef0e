package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The latencies of one device before and since a rollout reached its class, model by model. Takes warm, valid, unexplored
 * inferences. Not thread-safe.
 */
public final class DeviceLedger {
    /** Inferences of a model needed on both sides; fewer have no 95th percentile. */
    static final int MIN_INFERENCES = 40;
    private static final double TAIL = 0.95;

    private static final class Side {
        private final LatencySketch sketch = new LatencySketch();
        private double logSum;

        void add(long latencyNanos) {
            sketch.add(latencyNanos);
            logSum += Math.log(latencyNanos);
        }

        double meanLog() {
            return logSum / sketch.count();
        }
    }

    private final Map<String, Side> before = new TreeMap<>();
    private final Map<String, Side> since = new TreeMap<>();

    /** @param latencyNanos above 0 */
    public void addBefore(String model, long latencyNanos) {
        before.computeIfAbsent(model, name -> new Side()).add(latencyNanos);
    }

    /** @param latencyNanos above 0 */
    public void addSince(String model, long latencyNanos) {
        since.computeIfAbsent(model, name -> new Side()).add(latencyNanos);
    }

    /** Whether the device has a past to be compared with; one that joined late has none. */
    public boolean hasPast() {
        return before.values().stream().anyMatch(side -> side.sketch.count() >= MIN_INFERENCES);
    }

    /** Whether it reported since. */
    public boolean reported() {
        return !since.isEmpty();
    }

    /**
     * The device's own change: models weighed by their inferences before, so that what it runs now does not matter. Empty until a
     * model is known on both sides.
     */
    public Optional<DeviceChange> change(boolean member) {
        double weights = 0;
        double mean = 0;
        double tail = 0;
        for (Map.Entry<String, Side> model : before.entrySet()) {
            Side old = model.getValue();
            Side now = since.get(model.getKey());
            if (now == null || old.sketch.count() < MIN_INFERENCES || now.sketch.count() < MIN_INFERENCES) {
                continue;
            }
            double weight = old.sketch.count();
            weights += weight;
            mean += weight * (now.meanLog() - old.meanLog());
            tail += weight * Math.log(now.sketch.quantile(TAIL) / old.sketch.quantile(TAIL));
        }
        return weights == 0 ? Optional.empty() : Optional.of(new DeviceChange(member, mean / weights, tail / weights));
    }
}
