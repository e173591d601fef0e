package io.parallaxfleet.memory;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What the steps of a plan have to store and when, as a problem for {@link CrossStepMemory}. Its steps are <em>moments</em>:
 *
 * <ul>
 *   <li>A closed step is one moment. Its runtime may rewrite the nodes, so that nothing is known of the order inside; what it
 *       reads and writes counts as used from its start to its end, and what stays inside is the runtime's own.
 *   <li>An open step runs exactly the nodes of the graph and has a moment for each of them, ordered only by what they read from
 *       one another: the runtime may choose any such order. Large tensors that stay inside are stored too, so that steps share
 *       one arena for them instead of holding one each.
 * </ul>
 *
 * A step's moments come after all moments of the steps it waits for. A {@linkplain ViewOperators view} of a tensor keeps its
 * storage in use.
 *
 * @param requests the tensors to place
 * @param predecessors for each moment the moments it waits for
 * @param stepOfMoment the step that each moment belongs to
 */
public record PlanStorage(List<StorageRequest> requests, List<List<Integer>> predecessors, List<Integer> stepOfMoment) {
    /** Smaller tensors inside a step are left to its runtime: placing one costs about a microsecond a run. */
    public static final long MIN_INNER_BYTES = 64 << 10;

    public PlanStorage {
        requests = List.copyOf(requests);
        predecessors = predecessors.stream().map(List::copyOf).toList();
        stepOfMoment = List.copyOf(stepOfMoment);
    }

    /**
     * A step of the plan.
     *
     * @param nodes node indices, ascending
     * @param outputs tensors that leave the step
     * @param elsewhere those of them that have storage of their own outside of this problem
     * @param predecessors steps it waits for
     * @param open whether its runtime runs exactly these nodes
     */
    public record Step(List<Integer> nodes, List<String> outputs, Set<String> elsewhere, List<Integer> predecessors, boolean open) {
        public Step {
            nodes = List.copyOf(nodes);
            outputs = List.copyOf(outputs);
            elsewhere = Set.copyOf(elsewhere);
            predecessors = List.copyOf(predecessors);
        }

        public Step(List<Integer> nodes, List<String> outputs, List<Integer> predecessors, boolean open) {
            this(nodes, outputs, Set.of(), predecessors, open);
        }
    }

    /**
     * @param steps in topological order, every node of the graph in exactly one
     * @param placeable types that can be given a place
     * @param minInnerBytes tensors inside open steps from this size on are placed
     */
    public static PlanStorage of(ModelGraph graph, List<Step> steps, Predicate<TensorType> placeable, long minInnerBytes) {
        return new Builder(graph, steps, placeable, minInnerBytes).build();
    }

    /** Places for the tensors: in one arena, or in one arena for each step, one behind the other. */
    public CrossStepPlan place(StorageSharing sharing) {
        return switch (sharing) {
            case ACROSS_STEPS -> CrossStepMemory.plan(requests, predecessors);
            case WITHIN_STEPS -> placeStepByStep();
        };
    }

    private CrossStepPlan placeStepByStep() {
        Map<Integer, List<StorageRequest>> byStep = new TreeMap<>();
        requests.forEach(
                request -> byStep.computeIfAbsent(stepOfMoment.get(request.producerStep()), step -> new ArrayList<>()).add(request));
        Map<String, Long> offsets = new HashMap<>();
        long end = 0;
        for (List<StorageRequest> ofStep : byStep.values()) {
            CrossStepPlan arena = CrossStepMemory.plan(ofStep, predecessors);
            long start = end;
            arena.offsets().forEach((tensor, offset) -> offsets.put(tensor, start + offset));
            end += arena.bytes();
        }
        return new CrossStepPlan(offsets, end);
    }

    private static final class Builder {
        private final ModelGraph graph;
        private final List<Step> steps;
        private final Predicate<TensorType> placeable;
        private final long minInnerBytes;
        private final int[] stepOfNode;
        private final int[] momentOfNode;
        /** The moment at which a step is over. */
        private final int[] endOfStep;
        private final List<List<Integer>> predecessors = new ArrayList<>();
        private final List<Integer> stepOfMoment = new ArrayList<>();

        Builder(ModelGraph graph, List<Step> steps, Predicate<TensorType> placeable, long minInnerBytes) {
            this.graph = graph;
            this.steps = steps;
            this.placeable = placeable;
            this.minInnerBytes = minInnerBytes;
            stepOfNode = new int[graph.size()];
            momentOfNode = new int[graph.size()];
            endOfStep = new int[steps.size()];
            Arrays.fill(stepOfNode, -1);
        }

        PlanStorage build() {
            for (int step = 0; step < steps.size(); step++) {
                addMoments(step);
                stepOfMoment.addAll(Collections.nCopies(predecessors.size() - stepOfMoment.size(), step));
            }
            Set<String> graphOutputs = new HashSet<>(graph.outputs());
            List<StorageRequest> requests = new ArrayList<>();
            for (Step step : steps) {
                Set<String> outputs = new HashSet<>(step.outputs());
                for (int node : step.nodes()) {
                    graph.node(node).writes()
                            .filter(tensor -> !step.elsewhere().contains(tensor))
                            .filter(tensor -> outputs.contains(tensor) ? isPlaceable(tensor) : step.open() && isPlacedInside(tensor, node))
                            .forEach(tensor -> requests.add(request(tensor, node, graphOutputs.contains(tensor))));
                }
            }
            return new PlanStorage(requests, predecessors, stepOfMoment);
        }

        private void addMoments(int index) {
            Step step = steps.get(index);
            List<Integer> waitsFor = step.predecessors().stream().map(before -> endOfStep[before]).toList();
            step.nodes().forEach(node -> stepOfNode[node] = index);
            if (!step.open()) {
                step.nodes().forEach(node -> momentOfNode[node] = predecessors.size());
                endOfStep[index] = predecessors.size();
                predecessors.add(waitsFor);
                return;
            }
            List<Integer> moments = new ArrayList<>();
            for (int node : step.nodes()) {
                Set<Integer> before = new TreeSet<>(waitsFor);
                graph.node(node).reads().forEach(tensor -> graph.producer(tensor).stream()
                        .filter(writer -> stepOfNode[writer] == index)
                        .forEach(writer -> before.add(momentOfNode[writer])));
                momentOfNode[node] = predecessors.size();
                moments.add(predecessors.size());
                predecessors.add(List.copyOf(before));
            }
            endOfStep[index] = predecessors.size();
            predecessors.add(moments);
        }

        private boolean isPlaceable(String tensor) {
            return graph.type(tensor).filter(placeable).isPresent();
        }

        private boolean isPlacedInside(String tensor, int writer) {
            return isPlaceable(tensor)
                    && graph.type(tensor).orElseThrow().bytes() >= minInnerBytes
                    && !ViewOperators.isView(graph.node(writer));
        }

        private StorageRequest request(String tensor, int writer, boolean output) {
            Set<Integer> users = new TreeSet<>();
            addUsers(tensor, users);
            users.remove(momentOfNode[writer]);
            return new StorageRequest(tensor, graph.type(tensor).orElseThrow().bytes(), momentOfNode[writer], users, output);
        }

        private void addUsers(String tensor, Set<Integer> users) {
            for (int consumer : graph.consumers(tensor)) {
                users.add(momentOfNode[consumer]);
                Node node = graph.node(consumer);
                Step step = steps.get(stepOfNode[consumer]);
                // A view that leaves its step is a copy.
                if (step.open() && ViewOperators.isViewOf(node, tensor) && !step.outputs().contains(node.outputs().get(0))) {
                    addUsers(node.outputs().get(0), users);
                }
            }
        }
    }
}
