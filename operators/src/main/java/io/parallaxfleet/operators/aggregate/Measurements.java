package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Takes a validated telemetry record apart into the samples that are aggregated. */
public final class Measurements {
    private static final byte OUT_OF_DEVICE_MEMORY = 1;

    private Measurements() {}

    public static ClassKey classOf(InferenceTelemetry t) {
        return new ClassKey(t.getDeviceClass(), t.getSimulated());
    }

    /** The inference as a whole; it fell back if any branch did. */
    public static Measurement whole(InferenceTelemetry t) {
        AggregateKey key =
                new AggregateKey(classOf(t), t.getModel(), null, null, null, t.getPolicyEpoch(), t.getExplored());
        boolean fallback =
                t.getValidity() == Validity.FALLBACK || !Objects.equals(t.getBranchPlanned(), t.getBranchActual());
        return new Measurement(key, t.getDeviceId(), !t.getWarmup(), t.getValidity() == Validity.VALID, fallback,
                t.getLatencyNanos(), t.getArenaPeakBytes(), t.getOneSessionArenaBytes(), t.getEnergyMicrojoules(),
                t.getEnergySource());
    }

    /** The inference as a comparison of devices takes it; of several reasons to leave its time out the gravest counts. */
    public static DeviceInference inference(InferenceTelemetry t) {
        return new DeviceInference(classOf(t), t.getDeviceId(), t.getModel(), t.getPolicyEpoch(), t.getExplored(), outcome(t),
                t.getLatencyNanos());
    }

    private static DeviceInference.Outcome outcome(InferenceTelemetry t) {
        ByteBuffer reasons = t.getBranchFallback();
        for (int i = reasons.position(); i < reasons.limit(); i++) {
            if (reasons.get(i) == OUT_OF_DEVICE_MEMORY) {
                return DeviceInference.Outcome.OUT_OF_MEMORY;
            }
        }
        if (t.getValidity() == Validity.FAILED) {
            return DeviceInference.Outcome.FAILED;
        }
        if (t.getValidity() == Validity.FALLBACK || !t.getBranchPlanned().equals(t.getBranchActual())) {
            return DeviceInference.Outcome.FALLBACK;
        }
        if (t.getWarmup()) {
            return DeviceInference.Outcome.COLD;
        }
        return t.getValidity() == Validity.VALID ? DeviceInference.Outcome.MEASURED : DeviceInference.Outcome.INVALID;
    }

    /** Whether the record says anything of its branches; that of an inference that failed does not. */
    public static boolean hasBranches(InferenceTelemetry t) {
        return !t.getBranchLatencyNanos().isEmpty();
    }

    /**
     * Why the record and the plan of its planId cannot be read together; empty if they can. A record that names branches by
     * their position in another plan must not be aggregated under these names.
     */
    public static Optional<String> mismatch(InferenceTelemetry t, PlanProfile plan) {
        if (plan.getBranches().size() != t.getBranchLatencyNanos().size()) {
            return Optional.of("the record has " + t.getBranchLatencyNanos().size() + " branches, plan " + t.getPlanId()
                    + " has " + plan.getBranches().size());
        }
        if (!plan.getDeviceClass().equals(t.getDeviceClass()) || plan.getSimulated() != t.getSimulated()) {
            return Optional.of("the record is of class " + classOf(t) + ", plan " + t.getPlanId() + " of class "
                    + new ClassKey(plan.getDeviceClass(), plan.getSimulated()));
        }
        return Optional.empty();
    }

    /** One sample a branch, in the plan's order; the two must not {@linkplain #mismatch mismatch}. */
    public static List<Measurement> branches(InferenceTelemetry t, PlanProfile plan) {
        ByteBuffer planned = t.getBranchPlanned();
        ByteBuffer actual = t.getBranchActual();
        List<Long> energies = t.getBranchEnergyMicrojoules();
        List<Measurement> samples = new ArrayList<>(plan.getBranches().size());
        for (int i = 0; i < plan.getBranches().size(); i++) {
            BranchProfile branch = plan.getBranches().get(i);
            AggregateKey key = new AggregateKey(classOf(t), t.getModel(), branch.getName(), branch.getPlacement().name(),
                    t.getPlanId(), t.getPolicyEpoch(), t.getExplored());
            boolean fallback = planned.get(planned.position() + i) != actual.get(actual.position() + i);
            // A fallback elsewhere in the inference leaves this branch's own time as good as it was.
            boolean valid = t.getValidity() == Validity.VALID || t.getValidity() == Validity.FALLBACK;
            samples.add(new Measurement(key, t.getDeviceId(), !t.getWarmup(), valid, fallback,
                    t.getBranchLatencyNanos().get(i), t.getBranchArenaPeakBytes().get(i), null,
                    energies == null ? null : energies.get(i), t.getEnergySource()));
        }
        return samples;
    }
}
