package io.parallaxfleet.telemetry;

import io.parallaxfleet.engine.BranchRun;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.Fallback;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether the figures of a run say something about plan and device, and if not, why.
 *
 * @param reason empty iff valid
 */
public record RunValidity(Validity validity, Optional<String> reason) {
    /** Above this share of all cores in the hands of others a latency says more about them than about the plan. */
    static final double MAX_FOREIGN_SHARE = 0.5;

    private static final RunValidity VALID = new RunValidity(Validity.VALID, Optional.empty());

    public static RunValidity valid() {
        return VALID;
    }

    public static RunValidity failed(String reason) {
        return new RunValidity(Validity.FAILED, Optional.of(reason));
    }

    /**
     * Judges a run; the first that applies: a step fell back, the device throttled, the arenas were above the memory budget, others
     * disturbed it.
     *
     * @param replanning whether this process built plans at the same time
     */
    public static RunValidity of(EngineRun run, DeviceState state, OptionalDouble foreignCpuShare, boolean replanning) {
        Optional<BranchRun> fallen =
                run.branches().stream().filter(branch -> branch.fallback() != Fallback.NONE).findFirst();
        if (fallen.isPresent()) {
            String step = run.plan().steps().get(fallen.get().step()).name();
            return new RunValidity(Validity.FALLBACK, Optional.of(step + ": " + fallen.get().fallback()));
        }
        if (state.thermal() == ThermalState.SERIOUS || state.thermal() == ThermalState.CRITICAL) {
            return new RunValidity(Validity.THROTTLED, Optional.of("thermal state " + state.thermal()));
        }
        if (run.arenaPeakBytes() > run.memoryBudgetBytes()) {
            return new RunValidity(Validity.MEMORY_PRESSED, Optional.of(
                    "arenas of " + run.arenaPeakBytes() + " B against a budget of " + run.memoryBudgetBytes() + " B"));
        }
        if (replanning) {
            return new RunValidity(Validity.DISTURBED, Optional.of("plans were built at the same time"));
        }
        if (foreignCpuShare.isPresent() && foreignCpuShare.getAsDouble() > MAX_FOREIGN_SHARE) {
            return new RunValidity(Validity.DISTURBED, Optional.of(String.format(Locale.ROOT,
                    "other processes used %.0f %% of the cores", 100 * foreignCpuShare.getAsDouble())));
        }
        return VALID;
    }
}
