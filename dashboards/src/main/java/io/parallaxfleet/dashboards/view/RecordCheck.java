package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Optional;

/** Finds what makes a decoded record unusable; a schema cannot say that a latency is finite or a name not empty. */
final class RecordCheck {
    /** Longest text taken from a record; longer ones are cut, so that one record cannot fill the memory or the page. */
    static final int TEXT_CHARACTERS = 400;

    private RecordCheck() {}

    static Optional<String> problem(ClassAggregate window) {
        if (window.getModel().isBlank()) {
            return Optional.of("model is empty");
        }
        if (window.getCount() < 0 || window.getDevices() < 0 || window.getFallbackCount() < 0 || window.getColdCount() < 0
                || window.getInvalidCount() < 0) {
            return Optional.of("a count of samples or devices is negative");
        }
        if (!window.getWindowEnd().isAfter(window.getWindowStart())) {
            return Optional.of("windowEnd is not after windowStart");
        }
        if (window.getCount() > 0) {
            for (double latency : new double[] {
                window.getLatencyP50Nanos(), window.getLatencyP90Nanos(), window.getLatencyP99Nanos()
            }) {
                if (!isAmount(latency)) {
                    return Optional.of("a latency quantile is " + latency + "; it must be finite and not negative");
                }
            }
        }
        if (window.getMemoryOverhead() != null && !Double.isFinite(window.getMemoryOverhead())) {
            return Optional.of("memoryOverhead is " + window.getMemoryOverhead() + "; it must be finite");
        }
        if (window.getEnergyMicrojoulesMean() != null && !isAmount(window.getEnergyMicrojoulesMean())) {
            return Optional.of(
                    "energyMicrojoulesMean is " + window.getEnergyMicrojoulesMean() + "; it must be finite and not negative");
        }
        return Optional.empty();
    }

    static Optional<String> problem(ThresholdUpdate update) {
        if (!isAmount(update.getMaxBytesPerMac())) {
            return Optional.of("maxBytesPerMac is " + update.getMaxBytesPerMac() + "; it must be finite and not negative");
        }
        return Optional.empty();
    }

    static Optional<String> problem(RolloutEvent event) {
        if (!isAmountOrAbsent(event.getBeforeP50Nanos()) || !isAmountOrAbsent(event.getAfterP50Nanos())) {
            return Optional.of("beforeP50Nanos or afterP50Nanos is not finite or negative");
        }
        if (!isRatio(event.getModelControl()) || !isRatio(event.getEnergyControl())) {
            return Optional.of("a change in modelControl or energyControl is not a finite ratio");
        }
        return Optional.empty();
    }

    private static boolean isRatio(ModelControl control) {
        return control == null
                || Double.isFinite(Math.exp(control.getChange())) && Double.isFinite(Math.exp(control.getControlChange()));
    }

    static Optional<String> problem(PlanProfile plan) {
        if (plan.getPlanId().isBlank() || plan.getModel().isBlank()) {
            return Optional.of("planId or model is empty");
        }
        return Optional.empty();
    }

    /** The text cut to {@link #TEXT_CHARACTERS}. */
    static String bounded(String text) {
        return text.length() <= TEXT_CHARACTERS ? text : text.substring(0, TEXT_CHARACTERS - 1) + "…";
    }

    /** The value, or null where it is not a finite number: JSON has no other. */
    static Double finiteOrNull(Double value) {
        return value != null && Double.isFinite(value) ? value : null;
    }

    private static boolean isAmountOrAbsent(Double value) {
        return value == null || isAmount(value);
    }

    private static boolean isAmount(double value) {
        return Double.isFinite(value) && value >= 0;
    }
}
