package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Thresholds that minimise the predicted time of the regions a class really runs: the best set of regions of the form
 * N >= n, F >= f, B/F <= q is found exactly, O(distinct N · regions²), then f and q are put at the geometric middle of the gap to
 * the nearest region on the other side, so that no region sits on the edge. Thread-safe.
 */
public final class ThresholdSearch {
    /** More regions than this are searched by their largest stakes; the rest could not move the answer much. */
    static final int MAX_REGIONS = 400;
    /** Share of the regions' time on the CPU that an accelerator must save to be worth using; less is within what a fit errs by. */
    static final double WORTH_USING = 0.01;

    private final double minImprovement;

    /** @param minImprovement share of the time under the rule in force that a new rule must be predicted to save, in [0,1) */
    public ThresholdSearch(double minImprovement) {
        if (!(minImprovement >= 0 && minImprovement < 1)) {
            throw new IllegalArgumentException("minImprovement is " + minImprovement + "; it must be in [0,1)");
        }
        this.minImprovement = minImprovement;
    }

    private record Stake(RegionShape shape, double savedSeconds) {}

    /**
     * Looks for a better rule.
     *
     * @param rejected rules that measurement has already refuted for this class; what decides like one of them is not proposed
     */
    public SearchResult search(List<WorkloadRegion> workload, CostModel model, InForce inForce,
            Collection<DelegationRule> rejected) {
        List<WorkloadRegion> regions = workload.stream().filter(r -> r.shape().macs() > 0 && r.perInference() > 0).toList();
        if (regions.isEmpty()) {
            return new SearchResult.Keep("the class runs no candidate region");
        }
        DelegationRule never = new DelegationRule.Never();
        DelegationRule best = bestRule(stakes(regions, model), WORTH_USING * predictedSeconds(regions, model, InForce.published(never)));
        if (decidesAlike(best, inForce, regions)) {
            return new SearchResult.Keep("the best rule, " + best.describe() + ", decides every region as the one in force, "
                    + inForce.rule().describe());
        }
        for (DelegationRule refuted : rejected) {
            if (decidesAlike(best, InForce.published(refuted), regions)) {
                return new SearchResult.Keep("the best rule by prediction, " + best.describe()
                        + ", decides as one that was measured slower and rolled back");
            }
        }
        double before = predictedSeconds(regions, model, inForce);
        double after = predictedSeconds(regions, model, InForce.published(best));
        double improvement = (before - after) / before;
        if (improvement < minImprovement) {
            return new SearchResult.Keep(String.format(Locale.ROOT, "%s is predicted to save %.1f %%, below the %.1f %% that a "
                    + "change must save", best.describe(), 100 * improvement, 100 * minImprovement));
        }
        return new SearchResult.Propose(best, before * 1e9, after * 1e9, delegated(regions, inForce),
                delegated(regions, InForce.published(best)), regions.size());
    }

    /** Predicted seconds that an average inference spends in its regions, by where they really run. */
    static double predictedSeconds(List<WorkloadRegion> regions, CostModel model, InForce inForce) {
        double seconds = 0;
        for (WorkloadRegion region : regions) {
            double delegated = inForce.delegatedShare(region.shape());
            seconds += region.perInference()
                    * (delegated * region.acceleratorSeconds(model) + (1 - delegated) * region.cpuSeconds(model));
        }
        return seconds;
    }

    private static int delegated(List<WorkloadRegion> regions, InForce inForce) {
        return (int) regions.stream().filter(r -> inForce.delegatedShare(r.shape()) >= 0.5).count();
    }

    // Devices that differ on a region do not all decide it as the rule does, whichever way that is.
    private static boolean decidesAlike(DelegationRule rule, InForce inForce, List<WorkloadRegion> regions) {
        return regions.stream().allMatch(r -> inForce.delegatedShare(r.shape()) == (rule.delegates(r.shape()) ? 1 : 0));
    }

    private static List<Stake> stakes(List<WorkloadRegion> regions, CostModel model) {
        return regions.stream()
                .map(r -> new Stake(r.shape(),
                        r.perInference() * (r.cpuSeconds(model) - r.acceleratorSeconds(model))))
                .sorted(Comparator.comparingDouble((Stake s) -> -Math.abs(s.savedSeconds())))
                .limit(MAX_REGIONS)
                .toList();
    }

    /** @param worthUsing seconds that a rule must save over never delegating */
    private static DelegationRule bestRule(List<Stake> stakes, double worthUsing) {
        List<Stake> byMacs = stakes.stream().sorted(Comparator.comparingLong((Stake s) -> s.shape().macs()).reversed()).toList();
        double[] ratios = stakes.stream().mapToDouble(s -> s.shape().bytesPerMac()).sorted().distinct().toArray();
        int[] operatorCounts = stakes.stream().mapToInt(s -> s.shape().operators()).sorted().distinct().toArray();
        double bestSaving = worthUsing;
        DelegationRule.Thresholds best = null;
        for (int minOperators : operatorCounts) {
            double[] savedByRatio = new double[ratios.length];
            for (int i = 0; i < byMacs.size(); i++) {
                Stake stake = byMacs.get(i);
                if (stake.shape().operators() >= minOperators) {
                    savedByRatio[Arrays.binarySearch(ratios, stake.shape().bytesPerMac())] += stake.savedSeconds();
                }
                // Regions of equal F pass or fail together.
                if (i + 1 < byMacs.size() && byMacs.get(i + 1).shape().macs() == stake.shape().macs()) {
                    continue;
                }
                double saved = 0;
                for (int q = 0; q < ratios.length; q++) {
                    saved += savedByRatio[q];
                    if (saved > bestSaving) {
                        bestSaving = saved;
                        best = inRange(minOperators, stake.shape().macs(), ratios[q]);
                    }
                }
            }
        }
        return best == null || stakes.stream().noneMatch(delegatedBy(best))
                ? new DelegationRule.Never()
                : withMargins(best, stakes);
    }

    private static Predicate<Stake> delegatedBy(DelegationRule rule) {
        return stake -> rule.delegates(stake.shape());
    }

    // Agents refuse what is out of range, so a region beyond it cannot be told from one at its edge.
    private static DelegationRule.Thresholds inRange(int minOperators, double minMacs, double maxBytesPerMac) {
        return new DelegationRule.Thresholds(
                Math.min(DelegationRule.Thresholds.MAX_OPERATORS, Math.max(1, minOperators)),
                Math.min(DelegationRule.Thresholds.MAX_MACS, Math.max(1, Math.round(minMacs))),
                Math.min(DelegationRule.Thresholds.MAX_BYTES_PER_MAC, maxBytesPerMac));
    }

    // Moves each threshold off the regions that define it without changing a single decision.
    private static DelegationRule.Thresholds withMargins(DelegationRule.Thresholds edge, List<Stake> stakes) {
        long lowestMacs = Long.MAX_VALUE;
        double highestRatio = 0;
        int lowestOperators = Integer.MAX_VALUE;
        for (Stake stake : stakes) {
            if (edge.delegates(stake.shape())) {
                lowestMacs = Math.min(lowestMacs, stake.shape().macs());
                highestRatio = Math.max(highestRatio, stake.shape().bytesPerMac());
                lowestOperators = Math.min(lowestOperators, stake.shape().operators());
            }
        }
        long macsBelow = 0;
        double ratioAbove = 0;
        int operatorsBelow = 0;
        for (Stake stake : stakes) {
            RegionShape shape = stake.shape();
            if (shape.macs() < lowestMacs) {
                macsBelow = Math.max(macsBelow, shape.macs());
            }
            if (shape.bytesPerMac() > highestRatio && (ratioAbove == 0 || shape.bytesPerMac() < ratioAbove)) {
                ratioAbove = shape.bytesPerMac();
            }
            if (shape.operators() < lowestOperators) {
                operatorsBelow = Math.max(operatorsBelow, shape.operators());
            }
        }
        // With no neighbour on the other side nothing is known there: half or double the last known region, no further.
        double minMacs = macsBelow == 0 ? lowestMacs / 2.0 : Math.sqrt((double) lowestMacs * macsBelow);
        double maxRatio = ratioAbove == 0 ? highestRatio * 2 : Math.sqrt(highestRatio * ratioAbove);
        int minOperators = operatorsBelow == 0 ? Math.min(lowestOperators, 3) : operatorsBelow + 1;
        return inRange(minOperators, minMacs, maxRatio);
    }
}
