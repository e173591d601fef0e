package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.FallbackReason;
import io.parallaxfleet.operators.decode.InferenceReader;
import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.schemas.avro.Validity;

/** Takes records as whole inferences. */
final class WholeInferences {
    private WholeInferences() {}

    /** Counts the inference, which fell back if any branch did. */
    static void add(InferenceReader inference, Accumulator whole) {
        whole.addPlacements(inference.plannedAnywhere(PlanAggregates.ACCELERATOR) ? 1 : 0,
                inference.ranAnywhere(PlanAggregates.ACCELERATOR) ? 1 : 0);
        if (inference.anyFallbackReason()) {
            addReasons(inference, whole);
        }
        if (inference.warmup()) {
            whole.addCold();
        } else if (fellBack(inference)) {
            whole.addFallback();
        } else if (inference.validity() != Validity.VALID) {
            whole.addInvalid();
        } else {
            measure(inference, whole);
        }
    }

    private static void measure(InferenceReader inference, Accumulator whole) {
        whole.addMeasured(inference.latencyNanos(), inference.arenaPeakBytes());
        if (inference.oneSessionArenaBytes() > 0) {
            whole.addOverhead(inference.arenaPeakBytes(), inference.oneSessionArenaBytes());
        }
        if (inference.energyMicrojoules() >= 0) {
            whole.addEnergy(inference.energyMicrojoules(), inference.energySource());
        }
    }

    private static boolean fellBack(InferenceReader inference) {
        return inference.validity() == Validity.FALLBACK || !inference.asPlanned();
    }

    // Each reason once an inference, however many branches had it.
    private static void addReasons(InferenceReader inference, Accumulator whole) {
        for (int code = 1; code < FallbackReason.COUNT; code++) {
            if (hasReason(inference, code)) {
                whole.addFallbackReason(code);
            }
        }
    }

    private static boolean hasReason(InferenceReader inference, int code) {
        for (int i = 0; i < inference.branches(); i++) {
            if (inference.fallback(i) == code) {
                return true;
            }
        }
        return false;
    }

    /** The inference as a comparison of devices takes it; of several reasons to leave its time out the gravest counts. */
    static DeviceInference ofDevice(InferenceReader inference, ClassKey classKey) {
        return new DeviceInference(classKey, inference.deviceId(), inference.model(), inference.policyEpoch(),
                inference.explored(), outcome(inference), inference.latencyNanos(), energy(inference));
    }

    // A meter that read nothing at all between two inferences did not measure either.
    private static DeviceInference.Energy energy(InferenceReader inference) {
        return inference.energyMicrojoules() > 0
                ? new DeviceInference.Energy(inference.energySource(), inference.energyMicrojoules())
                : null;
    }

    private static DeviceInference.Outcome outcome(InferenceReader inference) {
        if (inference.anyFallbackReason() && hasReason(inference, FallbackReason.OUT_OF_DEVICE_MEMORY.code())) {
            return DeviceInference.Outcome.OUT_OF_MEMORY;
        }
        if (inference.validity() == Validity.FAILED) {
            return DeviceInference.Outcome.FAILED;
        }
        if (fellBack(inference)) {
            return DeviceInference.Outcome.FALLBACK;
        }
        if (inference.warmup()) {
            return DeviceInference.Outcome.COLD;
        }
        return inference.validity() == Validity.VALID ? DeviceInference.Outcome.MEASURED : DeviceInference.Outcome.INVALID;
    }
}
