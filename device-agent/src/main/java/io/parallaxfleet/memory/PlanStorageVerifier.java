package io.parallaxfleet.memory;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Proves the arena of a whole plan on the graph itself, by other means than {@link PlanStorage} and its planner: for every two
 * tensors whose storage overlaps, every operator that touches the one must have ended before the operator that writes the other
 * starts, whatever order the dependencies of steps and operators allow. O(T² + overlaps·E).
 */
public final class PlanStorageVerifier {
    private final ModelGraph graph;
    private final List<PlanStorage.Step> steps;
    private final CrossStepPlan plan;
    private final Map<Integer, Integer> stepOf = new HashMap<>();

    private PlanStorageVerifier(ModelGraph graph, List<PlanStorage.Step> steps, CrossStepPlan plan) {
        this.graph = graph;
        this.steps = steps;
        this.plan = plan;
        for (int step = 0; step < steps.size(); step++) {
            for (int node : steps.get(step).nodes()) {
                stepOf.put(node, step);
            }
        }
    }

    /** @throws IllegalStateException that names the tensors and what is wrong with them */
    public static void verify(ModelGraph graph, List<PlanStorage.Step> steps, Predicate<TensorType> placeable, CrossStepPlan plan) {
        PlanStorageVerifier verifier = new PlanStorageVerifier(graph, steps, plan);
        for (PlanStorage.Step step : steps) {
            for (String tensor : step.outputs()) {
                boolean elsewhere = step.elsewhere().contains(tensor);
                require(elsewhere || graph.type(tensor).filter(placeable).isEmpty() || plan.offsets().containsKey(tensor),
                        "tensor '" + tensor + "' leaves its step and has no place");
                require(!elsewhere || !plan.offsets().containsKey(tensor),
                        "tensor '" + tensor + "' has storage elsewhere and a place in the arena as well");
            }
        }
        plan.offsets().keySet().forEach(verifier::requireWellPlaced);
        verifier.requireDisjoint();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }

    private void requireWellPlaced(String tensor) {
        int writer = graph.producer(tensor).orElseThrow(() -> new IllegalStateException("nobody writes '" + tensor + "'"));
        PlanStorage.Step step = steps.get(stepOf.get(writer));
        require(step.open() || step.outputs().contains(tensor), "tensor '" + tensor + "' is placed inside a closed step");
        long offset = plan.offsets().get(tensor);
        require(offset >= 0 && offset % MemoryPlan.ALIGNMENT_BYTES == 0 && offset + bytes(tensor) <= plan.bytes(),
                "tensor '" + tensor + "' of " + bytes(tensor) + " bytes at " + offset + " is not aligned or not inside the arena of "
                        + plan.bytes());
    }

    private long bytes(String tensor) {
        return graph.type(tensor).orElseThrow().bytes();
    }

    private void requireDisjoint() {
        List<String> byOffset = plan.offsets().keySet().stream()
                .filter(tensor -> bytes(tensor) > 0)
                .sorted(Comparator.comparing(plan.offsets()::get))
                .toList();
        for (int left = 0; left < byOffset.size(); left++) {
            String lower = byOffset.get(left);
            long end = plan.offsets().get(lower) + bytes(lower);
            for (int right = left + 1; right < byOffset.size() && plan.offsets().get(byOffset.get(right)) < end; right++) {
                String upper = byOffset.get(right);
                require(isOverBefore(lower, upper) || isOverBefore(upper, lower),
                        "tensors '" + lower + "' and '" + upper + "' share storage and may be alive at the same time");
            }
        }
    }

    private boolean isOverBefore(String first, String second) {
        if (graph.outputs().contains(first)) {
            return false;
        }
        BitSet ended = endedBefore(graph.producer(second).orElseThrow());
        BitSet touching = new BitSet();
        touching.set(graph.producer(first).orElseThrow());
        markReaders(first, touching);
        touching.andNot(ended);
        return touching.isEmpty();
    }

    private void markReaders(String tensor, BitSet readers) {
        for (int reader : graph.consumers(tensor)) {
            readers.set(reader);
            Node node = graph.node(reader);
            if (ViewOperators.isViewOf(node, tensor) && steps.get(stepOf.get(reader)).open()) {
                String view = node.outputs().get(0);
                if (!steps.get(stepOf.get(reader)).outputs().contains(view)) {
                    markReaders(view, readers);
                }
            }
        }
    }

    /** Operators that have ended when this one starts, in every order. */
    private BitSet endedBefore(int node) {
        BitSet ended = new BitSet();
        int home = stepOf.get(node);
        Deque<Integer> open = new ArrayDeque<>(List.of(node));
        while (steps.get(home).open() && !open.isEmpty()) {
            for (String tensor : (Iterable<String>) graph.node(open.pop()).reads()::iterator) {
                int writer = graph.producer(tensor).orElse(-1);
                if (writer >= 0 && stepOf.get(writer) == home && !ended.get(writer)) {
                    ended.set(writer);
                    open.add(writer);
                }
            }
        }
        BitSet endedSteps = new BitSet();
        Deque<Integer> waited = new ArrayDeque<>(steps.get(home).predecessors());
        while (!waited.isEmpty()) {
            int step = waited.pop();
            if (!endedSteps.get(step)) {
                endedSteps.set(step);
                steps.get(step).nodes().forEach(ended::set);
                waited.addAll(steps.get(step).predecessors());
            }
        }
        return ended;
    }
}
