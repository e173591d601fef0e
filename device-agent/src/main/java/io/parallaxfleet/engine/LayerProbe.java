package io.parallaxfleet.engine;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * Measures for each layer what running its branches side by side saves against running it in one step of all threads.
 *
 * <p>Two plans over the same layers take turns: in one every layer that could is side by side, in the other each such layer is a
 * wide step of its own. The time of a layer is from the end of everything before it to the end of its last step, hand-overs
 * included; medians over the runs are compared. Cutting a layer out at all costs something too, which only whole runs show: what
 * is found here is proposed to an {@link ExecutionTrial}, not decided.
 */
final class LayerProbe {
    private final EnginePlan sideBySide;
    private final EnginePlan wide;
    private final List<List<Long>> sideBySideNanos = new ArrayList<>();
    private final List<List<Long>> wideNanos = new ArrayList<>();
    private final List<Set<Integer>> layers = new ArrayList<>();
    private final List<Layer> measured = new ArrayList<>();

    /**
     * @param sideBySide a plan in which every layer that could runs side by side
     * @param wide the same with each such layer as one step
     */
    LayerProbe(EnginePlan sideBySide, EnginePlan wide) {
        this.sideBySide = sideBySide;
        this.wide = wide;
        for (Layer layer : sideBySide.branches().layers()) {
            Set<Integer> nodes = new HashSet<>();
            layer.branches().stream().map(sideBySide.branches().branches()::get).map(Branch::nodes).forEach(nodes::addAll);
            if (stepsOf(sideBySide, nodes).size() > 1 && stepsOf(wide, nodes).size() == 1) {
                layers.add(nodes);
                measured.add(layer);
                sideBySideNanos.add(new ArrayList<>());
                wideNanos.add(new ArrayList<>());
            }
        }
    }

    private static List<Integer> stepsOf(EnginePlan plan, Set<Integer> nodes) {
        List<Integer> steps = new ArrayList<>();
        for (int step = 0; step < plan.steps().size(); step++) {
            if (nodes.containsAll(plan.steps().get(step).nodes())) {
                steps.add(step);
            }
        }
        return steps;
    }

    /** Takes in a run of the side-by-side plan: when each of its steps started and ended. */
    void sideBySideRan(IntToLongFunction startNanos, IntToLongFunction endNanos) {
        add(sideBySide, startNanos, endNanos, sideBySideNanos);
    }

    /** Takes in a run of the wide plan. */
    void wideRan(IntToLongFunction startNanos, IntToLongFunction endNanos) {
        add(wide, startNanos, endNanos, wideNanos);
    }

    private void add(EnginePlan plan, IntToLongFunction startNanos, IntToLongFunction endNanos, List<List<Long>> nanos) {
        for (int layer = 0; layer < layers.size(); layer++) {
            List<Integer> steps = stepsOf(plan, layers.get(layer));
            int first = steps.get(0);
            // Steps come in the order of their layers: whatever ran before this layer stands before its first step.
            long start = IntStream.range(0, first).mapToLong(endNanos).max().orElseGet(() -> startNanos.applyAsLong(first));
            long end = steps.stream().mapToLong(endNanos::applyAsLong).max().orElseThrow();
            nanos.get(layer).add(end - start);
        }
    }

    /**
     * Operators of the layers that gained.
     *
     * @param leastNanos least gain of a layer
     * @param leastShare least gain as a share of the layer's wide time
     */
    Set<Integer> gaining(long leastNanos, double leastShare) {
        Set<Integer> operators = new HashSet<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            long wideMedian = median(wideNanos.get(layer));
            long gain = wideMedian - median(sideBySideNanos.get(layer));
            if (gain > leastNanos && gain > leastShare * wideMedian) {
                operators.addAll(layers.get(layer));
            }
        }
        return operators;
    }

    /** Medians so far of every layer that was measured, in order. */
    List<LayerTime> times() {
        return IntStream.range(0, layers.size())
                .mapToObj(layer -> new LayerTime(measured.get(layer).index(), measured.get(layer).branches().size(),
                        median(sideBySideNanos.get(layer)), median(wideNanos.get(layer))))
                .toList();
    }

    private static long median(List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
