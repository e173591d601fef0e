package io.parallaxfleet.ablation;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.engine.Placement;
import io.parallaxfleet.schedule.ConcurrentSet;
import io.parallaxfleet.schedule.SubsetRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A memory budget under which it matters which branches run side by side: of the budgets that hold two branches of a layer, the
 * one at which the two rules begin most layers differently, the largest of several. Counted on the plan, without running it.
 *
 * @param bytes M_budget
 * @param layersBound layers whose branches it does not hold all at once
 * @param layersThatDiffer of them, those that the rules begin with different branches
 * @param layers layers that run side by side
 */
record BindingBudget(long bytes, int layersBound, int layersThatDiffer, int layers) {
    /** @param threads branches that may run at once */
    static BindingBudget of(EnginePlan plan, int threads) {
        Map<Integer, List<ConcurrentSet.Branch>> bySteps = new TreeMap<>();
        for (PlanStep step : plan.steps()) {
            if (step.placement() == Placement.CPU && step.threads() == 1) {
                bySteps.computeIfAbsent(step.layer(), layer -> new ArrayList<>())
                        .add(new ConcurrentSet.Branch(step.macs(), step.arenaBytes()));
            }
        }
        bySteps.values().removeIf(branches -> branches.size() < 2);
        return among(bySteps.values(), threads);
    }

    /** @param layers of each layer the branches that could run side by side */
    static BindingBudget among(Collection<List<ConcurrentSet.Branch>> layers, int threads) {
        BindingBudget best = new BindingBudget(Long.MAX_VALUE, 0, -1, layers.size());
        for (long bytes : pairs(layers)) {
            int bound = 0;
            int differ = 0;
            for (List<ConcurrentSet.Branch> branches : layers) {
                // Where all fit, neither rule is asked.
                if (branches.stream().mapToLong(ConcurrentSet.Branch::bytes).sum() > bytes) {
                    bound++;
                    differ += differ(branches, threads, bytes) ? 1 : 0;
                }
            }
            if (bound > 0 && differ >= best.layersThatDiffer()) {
                best = new BindingBudget(bytes, bound, differ, layers.size());
            }
        }
        // Layers of two branches are bound by no budget that holds two: then what holds one, and the rules cannot differ.
        return best.layersThatDiffer() >= 0 ? best : oneAtATime(layers);
    }

    private static boolean differ(List<ConcurrentSet.Branch> branches, int threads, long bytes) {
        return Arrays.stream(SubsetRule.values())
                        .map(rule -> rule.choose(branches, threads, bytes, true))
                        .distinct()
                        .count()
                > 1;
    }

    private static BindingBudget oneAtATime(Collection<List<ConcurrentSet.Branch>> layers) {
        long largest = layers.stream().flatMap(List::stream).mapToLong(ConcurrentSet.Branch::bytes).max().orElse(0);
        int bound = (int) layers.stream()
                .filter(branches -> branches.stream().mapToLong(ConcurrentSet.Branch::bytes).sum() > largest)
                .count();
        return new BindingBudget(largest, bound, 0, layers.size());
    }

    /** Sums of two branches of a layer, ascending. */
    private static Set<Long> pairs(Collection<List<ConcurrentSet.Branch>> layers) {
        Set<Long> sums = new TreeSet<>();
        for (List<ConcurrentSet.Branch> branches : layers) {
            for (int first = 0; first < branches.size(); first++) {
                for (int second = first + 1; second < branches.size(); second++) {
                    sums.add(branches.get(first).bytes() + branches.get(second).bytes());
                }
            }
        }
        return sums;
    }
}
