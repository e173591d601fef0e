package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the latencies of two epochs model by model, so that a change of which models run is not taken for a change of how
 * fast they run. Never decides without data: a model counts with enough samples on both sides, and the models that count must
 * have made up most of the old epoch's inference time. Thread-safe.
 *
 * @param minSamplesPerModel warm, valid, unexplored inferences needed of a model under either epoch
 * @param minCoverage share of the old epoch's inference time that the compared models must have had
 * @param worseByToRollBack an epoch whose median is above the old one's by more than this share is not promoted: it is rolled back
 *     if it is surely above it at all, and held until that is known
 */
public record BeforeAfter(int minSamplesPerModel, double minCoverage, double worseByToRollBack) implements Serializable {
    public BeforeAfter {
        if (minSamplesPerModel < 1) {
            throw new IllegalArgumentException("minSamplesPerModel is " + minSamplesPerModel + "; it must be at least 1");
        }
        if (!(minCoverage > 0 && minCoverage <= 1)) {
            throw new IllegalArgumentException("minCoverage is " + minCoverage + "; it must be in (0,1]");
        }
        if (!(worseByToRollBack > 0) || Double.isInfinite(worseByToRollBack)) {
            throw new IllegalArgumentException("worseByToRollBack is " + worseByToRollBack + "; it must be positive");
        }
    }

    public static BeforeAfter defaults() {
        return new BeforeAfter(30, 0.8, 0.05);
    }

    /** Whether an epoch was measured well enough to be the one that another is compared with. */
    public boolean knowsEnough(Map<String, LatencySketch> epoch) {
        double all = epoch.values().stream().mapToDouble(BeforeAfter::timeNanos).sum();
        double known = epoch.values().stream()
                .filter(model -> model.count() >= minSamplesPerModel)
                .mapToDouble(BeforeAfter::timeNanos)
                .sum();
        return all > 0 && known >= minCoverage * all;
    }

    // By time and not by count: what a rollout changes are the heavy models, and they run the least often.
    private static double timeNanos(LatencySketch model) {
        return model.count() == 0 ? 0 : model.count() * model.quantile(0.5);
    }

    /** Judges the new epoch by both epochs' latencies per model. */
    public RolloutVerdict judge(Map<String, LatencySketch> before, Map<String, LatencySketch> after) {
        double allTimeNanos = before.values().stream().mapToDouble(BeforeAfter::timeNanos).sum();
        if (allTimeNanos == 0) {
            return new RolloutVerdict.Hold("no inference was measured under the previous epoch, so there is nothing to compare with");
        }
        double comparedTimeNanos = 0;
        long beforeSamples = 0;
        long afterSamples = 0;
        int models = 0;
        double logBefore = 0;
        double logAfter = 0;
        double logSurely = 0;
        for (Map.Entry<String, LatencySketch> model : new TreeMap<>(before).entrySet()) {
            LatencySketch old = model.getValue();
            LatencySketch now = after.get(model.getKey());
            if (old.count() < minSamplesPerModel || now == null || now.count() < minSamplesPerModel) {
                continue;
            }
            LatencySketch.Estimate oldMedian = old.median();
            LatencySketch.Estimate newMedian = now.median();
            if (!(oldMedian.low() > 0 && newMedian.low() > 0)) {
                continue;
            }
            long weight = old.count();
            logBefore += weight * Math.log(oldMedian.value());
            logAfter += weight * Math.log(newMedian.value());
            logSurely += weight * Math.log(newMedian.low() / oldMedian.high());
            comparedTimeNanos += timeNanos(old);
            beforeSamples += old.count();
            afterSamples += now.count();
            models++;
        }
        if (comparedTimeNanos < minCoverage * allTimeNanos) {
            return new RolloutVerdict.Hold(String.format(Locale.ROOT, "models with %d samples under both epochs made up %.0f %% "
                    + "of the previous epoch's time, %.0f %% are needed", minSamplesPerModel, 100 * comparedTimeNanos / allTimeNanos,
                    100 * minCoverage));
        }
        RolloutVerdict.Evidence evidence = new RolloutVerdict.Evidence(Math.exp(logBefore / beforeSamples),
                Math.exp(logAfter / beforeSamples), beforeSamples, afterSamples, models, Math.exp(logSurely / beforeSamples));
        if (evidence.ratio() <= 1 + worseByToRollBack) {
            return new RolloutVerdict.Promote(evidence);
        }
        // What looks slower is not promoted because it might be chance: it waits for the samples that tell.
        return evidence.surelyAboveRatio() > 1
                ? new RolloutVerdict.Rollback(evidence)
                : new RolloutVerdict.Hold(String.format(Locale.ROOT, "the new epoch's median is %.1f %% above the old one's, more than "
                        + "the %.0f %% allowed, but by %d and %d samples that may be chance: more are needed",
                        100 * (evidence.ratio() - 1), 100 * worseByToRollBack, beforeSamples, afterSamples), evidence);
    }
}
