package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Learns on one device what delegated regions would have cost on its CPU:
 * {@code T_cpu = median(T without delegation) − T with delegation + Σ T_acc}. The CPU branches of a plan that delegates are what
 * was left over, often the operators that use the CPU worst, and say little about the regions that went. The contrast says what
 * delegating really saved, overheads included, and both terms carry the same device. Remembers the {@value #RUNS} newest runs
 * without delegation of at most {@value #MAX_MODELS} models. Not thread-safe.
 */
public final class DelegationContrast {
    static final int RUNS = 16;
    static final int MAX_MODELS = 16;
    /** A median over fewer runs is too noisy to subtract from. */
    static final int MIN_RUNS = 5;

    /** A ring of the newest latencies. */
    static final class Baseline {
        final long[] latenciesNanos = new long[RUNS];
        long seen;

        Baseline copy() {
            Baseline copy = new Baseline();
            System.arraycopy(latenciesNanos, 0, copy.latenciesNanos, 0, RUNS);
            copy.seen = seen;
            return copy;
        }

        void add(long latencyNanos) {
            latenciesNanos[(int) (seen % RUNS)] = latencyNanos;
            seen++;
        }

        int held() {
            return (int) Math.min(seen, RUNS);
        }

        double medianNanos() {
            return RelativeFit.median(Arrays.stream(latenciesNanos, 0, held()).asDoubleStream().toArray());
        }
    }

    // By the hash of model file and input shapes, in the order of last use, oldest first. The hash of a string is specified; the
    // models of one device do not collide in practice.
    final Map<Integer, Baseline> baselines = new LinkedHashMap<>(8, 0.75f, true);

    public static boolean delegates(PlanProfile plan) {
        return plan.getBranches().stream().anyMatch(branch -> branch.getPlacement() == Placement.ACCELERATOR);
    }

    /** Another that goes its own way from here on. */
    public DelegationContrast copy() {
        DelegationContrast copy = new DelegationContrast();
        baselines.forEach((model, baseline) -> copy.baselines.put(model, baseline.copy()));
        return copy;
    }

    /** An undisturbed inference that delegated nothing. */
    public void addBaseline(String model, long latencyNanos) {
        baselines.computeIfAbsent(model.hashCode(), key -> new Baseline()).add(latencyNanos);
        if (baselines.size() > MAX_MODELS) {
            Iterator<Integer> oldest = baselines.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The contrast of an undisturbed inference; empty if nothing was delegated, it fell back, or too little is known. */
    public Optional<CostSample> observe(InferenceTelemetry t, PlanProfile plan) {
        String model = Workload.modelKey(plan);
        if (!delegates(plan)) {
            addBaseline(model, t.getLatencyNanos());
            return Optional.empty();
        }
        Baseline baseline = baselines.get(model.hashCode());
        if (baseline == null || baseline.seen < MIN_RUNS || !t.getBranchPlanned().equals(t.getBranchActual())) {
            return Optional.empty();
        }
        int operators = 0;
        long macs = 0;
        long boundaryBytes = 0;
        long acceleratorNanos = 0;
        for (int i = 0; i < plan.getBranches().size(); i++) {
            BranchProfile branch = plan.getBranches().get(i);
            if (branch.getPlacement() == Placement.ACCELERATOR) {
                operators += branch.getOperators();
                macs += branch.getMacs();
                boundaryBytes += branch.getBoundaryBytes();
                acceleratorNanos += t.getBranchLatencyNanos().get(i);
            }
        }
        long cpuNanos = Math.round(baseline.medianNanos()) - t.getLatencyNanos() + acceleratorNanos;
        return macs > 0
                ? Optional.of(new CostSample(new RegionShape(operators, macs, boundaryBytes), CostSide.CPU_BY_CONTRAST, cpuNanos))
                : Optional.empty();
    }
}
