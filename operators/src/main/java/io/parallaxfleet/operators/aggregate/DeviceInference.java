package io.parallaxfleet.operators.aggregate;

import java.util.Objects;

/**
 * One distinct inference as a comparison of devices needs it, in as few bytes as that takes. Its event time is the stream's.
 *
 * @param explored whether its plan was chosen by exploration, which says nothing of the epoch
 * @param latencyNanos wall time; not to be averaged unless {@link Outcome#MEASURED}
 * @param energy what it took, under the same condition; null where that is unavailable
 */
public record DeviceInference(ClassKey classKey, String deviceId, String model, long policyEpoch, boolean explored,
        Outcome outcome, long latencyNanos, Energy energy) {
    /** @param source the meter or model; joules of two are not the same */
    public record Energy(String source, long microjoules) {
        public Energy {
            Objects.requireNonNull(source, "source");
            if (microjoules < 1) {
                throw new IllegalArgumentException("microjoules is " + microjoules + "; it must be positive, and unavailable energy null");
            }
        }
    }

    /** Without energy. */
    public DeviceInference(ClassKey classKey, String deviceId, String model, long policyEpoch, boolean explored, Outcome outcome,
            long latencyNanos) {
        this(classKey, deviceId, model, policyEpoch, explored, outcome, latencyNanos, null);
    }

    /** What an inference counts as. The codes are stored. */
    public enum Outcome {
        /** Warm, valid, and run where planned. */
        MEASURED(0),
        /** Among the first runs of its plan in its process. */
        COLD(1),
        /** A part of it did not run where it was planned. */
        FALLBACK(2),
        /** As {@link #FALLBACK}, for want of device memory. */
        OUT_OF_MEMORY(3),
        /** The agent does not vouch for its time: throttled, disturbed, short of memory. */
        INVALID(4),
        /** It gave no result. */
        FAILED(5);

        private final int code;

        Outcome(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        /** @throws IllegalArgumentException when no outcome has the code */
        public static Outcome ofCode(int code) {
            for (Outcome outcome : values()) {
                if (outcome.code == code) {
                    return outcome;
                }
            }
            throw new IllegalArgumentException("no outcome has the code " + code);
        }
    }

    /** The same where its energy is not to be believed. */
    public DeviceInference withoutEnergy() {
        return new DeviceInference(classKey, deviceId, model, policyEpoch, explored, outcome, latencyNanos);
    }

    public DeviceInference {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(deviceId, "deviceId");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(outcome, "outcome");
        if (latencyNanos < 0) {
            throw new IllegalArgumentException("latencyNanos is " + latencyNanos + "; it must not be negative");
        }
    }
}
