package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.RegionShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * All rules of the form N >= n, F >= f, B/F <= q and never, as far as they decide the given regions differently. The one that saves
 * most is found exactly, in O(distinct N · regions²). Not thread-safe.
 */
final class RuleSpace {
    /** More regions than this are searched by their largest stakes; the rest could not move the answer much. */
    static final int MAX_REGIONS = 400;

    private record Stake(RegionShape shape, int model, double saved, double surelySaved) {}

    private final List<Stake> byRatio;
    private final long[] macs;
    private final int[] operatorCounts;
    // By model: what a rule must at least save on it over never delegating.
    private final double[] floors;

    /** @param leastSaved by model key what a rule must surely save on the model over never delegating; models without an entry are free */
    RuleSpace(List<RegionCost> regions, InForce inForce, Map<String, Double> leastSaved) {
        Map<String, Integer> models = new HashMap<>();
        regions.forEach(region -> models.putIfAbsent(region.model().key(), models.size()));
        floors = new double[models.size()];
        models.forEach((key, index) -> floors[index] = leastSaved.getOrDefault(key, Double.NEGATIVE_INFINITY));
        byRatio = regions.stream()
                .sorted(Comparator.comparingDouble((RegionCost region) -> -Math.abs(region.saved())))
                .limit(MAX_REGIONS)
                .map(region -> new Stake(region.shape(), models.get(region.model().key()), region.saved(),
                        region.surelySaved(inForce)))
                .sorted(Comparator.comparingDouble(stake -> stake.shape().bytesPerMac()))
                .toList();
        macs = byRatio.stream().mapToLong(stake -> stake.shape().macs()).distinct().toArray();
        operatorCounts = byRatio.stream().mapToInt(stake -> stake.shape().operators()).distinct().toArray();
    }

    /**
     * The rule that saves most; never delegating where none saves more than is worth it.
     *
     * @param worthUsing what a rule must save over never delegating
     * @return empty where every rule saves too little on some model
     */
    Optional<DelegationRule> best(double worthUsing) {
        boolean never = Arrays.stream(floors).allMatch(floor -> floor <= 0);
        double bestSaving = never ? worthUsing : Double.NEGATIVE_INFINITY;
        DelegationRule.Thresholds best = null;
        for (int minOperators : operatorCounts) {
            for (long minMacs : macs) {
                double[] savedByModel = new double[floors.length];
                int tooLittle = (int) Arrays.stream(floors).filter(floor -> floor > 0).count();
                double saved = 0;
                for (int i = 0; i < byRatio.size(); i++) {
                    Stake stake = byRatio.get(i);
                    if (stake.shape().operators() >= minOperators && stake.shape().macs() >= minMacs) {
                        int model = stake.model();
                        tooLittle -= savedByModel[model] < floors[model] ? 1 : 0;
                        savedByModel[model] += stake.surelySaved();
                        tooLittle += savedByModel[model] < floors[model] ? 1 : 0;
                        saved += stake.saved();
                    }
                    // Regions of equal B/F pass or fail together.
                    boolean last = i + 1 == byRatio.size()
                            || byRatio.get(i + 1).shape().bytesPerMac() > stake.shape().bytesPerMac();
                    if (last && tooLittle == 0 && saved > bestSaving) {
                        bestSaving = saved;
                        best = inRange(minOperators, minMacs, stake.shape().bytesPerMac());
                    }
                }
            }
        }
        if (best == null) {
            return never ? Optional.of(new DelegationRule.Never()) : Optional.empty();
        }
        return Optional.of(byRatio.stream().anyMatch(delegatedBy(best)) ? withMargins(best) : new DelegationRule.Never());
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
    private DelegationRule.Thresholds withMargins(DelegationRule.Thresholds edge) {
        long lowestMacs = Long.MAX_VALUE;
        double highestRatio = 0;
        int lowestOperators = Integer.MAX_VALUE;
        List<RegionShape> shapes = new ArrayList<>();
        for (Stake stake : byRatio) {
            shapes.add(stake.shape());
            if (edge.delegates(stake.shape())) {
                lowestMacs = Math.min(lowestMacs, stake.shape().macs());
                highestRatio = Math.max(highestRatio, stake.shape().bytesPerMac());
                lowestOperators = Math.min(lowestOperators, stake.shape().operators());
            }
        }
        long macsBelow = 0;
        double ratioAbove = 0;
        int operatorsBelow = 0;
        for (RegionShape shape : shapes) {
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
