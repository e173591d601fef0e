package io.parallaxfleet.engine;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.Layer;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.memory.LivePeak;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.schedule.ThreadShares;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Groups the branches of a plan into the steps that the executor runs.
 *
 * <p>Layers are walked in order. A delegated region is a step. Where CPU branches may run side by side each is a step, and
 * the threads are {@linkplain ThreadShares divided} among them by their work, one each at least. A control-flow operator whose sub-graphs have plans of their own is a step. Everything between is merged into wide steps of all threads,
 * since a cut costs a hand-over and hides fusions.
 *
 * <p>The steps are acyclic: each covers a range of layers, two steps either cover disjoint ranges, and then the later depends
 * on the earlier, or lie in one layer, and then they are independent. A range around such an
 * operator is cut into what does not depend on it, the operator, and what does.
 */
final class StepPlanner {
    /** A layer that can save less than this is not worth the hand-overs of a split: some 10 µs at 1e11 MAC/s. */
    private static final long MIN_SAVED_MACS = 1_000_000;
    private static final String MERGED = "merged over the layers that run alone";

    private final BranchPlan branchPlan;
    private final ModelGraph graph;
    private final int threads;
    private final SideBySide sideBySide;
    private final Map<Integer, ControlFlow> controlFlow;
    private final boolean layersAlone;
    private final List<Group> groups = new ArrayList<>();
    private List<Branch> pending = new ArrayList<>();

    /** @param branch the one branch that the step is; empty where it is merged or a control-flow operator */
    private record Group(List<Integer> nodes, Optional<Branch> branch, int threads, int firstThread, String reason) {
        static Group delegated(Branch branch, String reason) {
            return new Group(branch.nodes(), Optional.of(branch), 1, 0, reason);
        }
    }

    private StepPlanner(
            BranchPlan branchPlan, int threads, SideBySide sideBySide, Map<Integer, ControlFlow> controlFlow, boolean layersAlone) {
        this.branchPlan = branchPlan;
        this.graph = branchPlan.graph();
        this.threads = threads;
        this.sideBySide = sideBySide;
        this.controlFlow = controlFlow;
        this.layersAlone = layersAlone;
    }

    /**
     * @param threads CPU threads of a wide step
     * @param sideBySide layers whose CPU branches run side by side
     * @param controlFlow by node: the operators whose sub-graphs run by plans of their own
     */
    static List<PlanStep> plan(BranchPlan branchPlan, int threads, SideBySide sideBySide, Map<Integer, ControlFlow> controlFlow) {
        StepPlanner planner = new StepPlanner(branchPlan, threads, sideBySide, controlFlow, false);
        planner.group();
        return planner.steps();
    }

    /** Every layer that could run side by side as a wide step of its own instead: what side by side is compared with. */
    static List<PlanStep> planWithLayersAlone(BranchPlan branchPlan, int threads) {
        StepPlanner planner = new StepPlanner(branchPlan, threads, new SideBySide.Everywhere(), Map.of(), true);
        planner.group();
        return planner.steps();
    }

    private void group() {
        for (Layer layer : branchPlan.layers()) {
            List<Branch> delegated = new ArrayList<>();
            List<Branch> onCpu = new ArrayList<>();
            for (int index : layer.branches()) {
                Branch branch = branchPlan.branches().get(index);
                (branch.region().isPresent() ? delegated : onCpu).add(branch);
            }
            if (!delegated.isEmpty()) {
                flush();
                delegated.forEach(branch -> groups.add(Group.delegated(branch, keptReason(branch.region().orElseThrow()))));
                pending.addAll(onCpu);
                flush();
            } else if (worthSplitting(onCpu) && sideBySide.admits(layer, onCpu)) {
                flush();
                if (layersAlone) {
                    pending.addAll(onCpu);
                    flush();
                    continue;
                }
                addSideBySide(layer, onCpu);
            } else {
                pending.addAll(onCpu);
            }
        }
        flush();
    }

    /** Whether the branches on their own threads could save more than the hand-overs cost: Σ F - max(F_max, Σ F / threads). */
    private boolean worthSplitting(List<Branch> onCpu) {
        if (threads == 1 || onCpu.size() < 2 || onCpu.stream().anyMatch(this::holdsBodies)) {
            return false;
        }
        long total = onCpu.stream().mapToLong(Branch::macs).sum();
        long heaviest = onCpu.stream().mapToLong(Branch::macs).max().orElseThrow();
        return total - Math.max(heaviest, total / threads) >= MIN_SAVED_MACS;
    }

    private void addSideBySide(Layer layer, List<Branch> onCpu) {
        int[] shares = ThreadShares.divide(onCpu.stream().mapToLong(Branch::macs).toArray(), threads);
        int first = 0;
        for (int position = 0; position < shares.length; position++) {
            // Of more branches than threads no two have a pool, so any free core does.
            int firstThread = shares.length > threads ? 0 : first;
            groups.add(new Group(onCpu.get(position).nodes(), Optional.of(onCpu.get(position)), shares[position], firstThread,
                    "side by side with " + (onCpu.size() - 1) + " others of layer " + layer.index()));
            first += shares[position];
        }
    }

    private String keptReason(Region region) {
        return branchPlan.partition().verdicts().get(region.index()).reason();
    }

    /** The plan of a sub-graph takes all threads: nothing runs beside it. */
    private boolean holdsBodies(Branch branch) {
        return branch.nodes().stream().anyMatch(controlFlow::containsKey);
    }

    private void flush() {
        boolean oneBranch = pending.size() == 1 && !holdsBodies(pending.get(0));
        if (oneBranch) {
            groups.add(new Group(pending.get(0).nodes(), Optional.of(pending.get(0)), threads, 0, MERGED));
        } else {
            addAround(pending.stream().flatMap(branch -> branch.nodes().stream()).collect(Collectors.toCollection(TreeSet::new)));
        }
        pending = new ArrayList<>();
    }

    /** What does not depend on the first control-flow operator among the nodes, then that, then the rest. */
    private void addAround(SortedSet<Integer> nodes) {
        Optional<Integer> first = nodes.stream().filter(controlFlow::containsKey).findFirst();
        if (first.isEmpty()) {
            if (!nodes.isEmpty()) {
                groups.add(new Group(List.copyOf(nodes), Optional.empty(), threads, 0, MERGED));
            }
            return;
        }
        SortedSet<Integer> after = dependingOn(first.get());
        after.retainAll(nodes);
        SortedSet<Integer> before = new TreeSet<>(nodes);
        before.removeAll(after);
        before.remove(first.get());
        addAround(before);
        groups.add(new Group(List.of(first.get()), Optional.empty(), threads, 0, controlFlow.get(first.get()).reason()));
        addAround(after);
    }

    private SortedSet<Integer> dependingOn(int node) {
        SortedSet<Integer> reached = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            graph.successors(open.pop()).stream().filter(reached::add).forEach(open::push);
        }
        return reached;
    }

    private List<PlanStep> steps() {
        Map<Integer, Integer> stepOfNode = new HashMap<>();
        for (int step = 0; step < groups.size(); step++) {
            for (int node : groups.get(step).nodes()) {
                stepOfNode.put(node, step);
            }
        }
        Set<String> graphOutputs = new HashSet<>(graph.outputs());
        List<PlanStep> steps = new ArrayList<>();
        for (int index = 0; index < groups.size(); index++) {
            steps.add(step(index, stepOfNode, graphOutputs, steps));
        }
        return steps;
    }

    private PlanStep step(int index, Map<Integer, Integer> stepOfNode, Set<String> graphOutputs, List<PlanStep> before) {
        Group group = groups.get(index);
        List<Integer> nodes = group.nodes().stream().sorted().toList();
        Optional<ControlFlow> withBodies = nodes.size() == 1 ? Optional.ofNullable(controlFlow.get(nodes.get(0))) : Optional.empty();
        Set<String> inputs = new LinkedHashSet<>();
        Set<String> outputs = new LinkedHashSet<>();
        Set<Integer> predecessors = new TreeSet<>();
        long macs = 0;
        for (int node : nodes) {
            macs += graph.macs(node);
            for (String tensor : (Iterable<String>) graph.node(node).reads()::iterator) {
                int producer = graph.producer(tensor).orElse(-1);
                if (producer >= 0 && stepOfNode.get(producer) == index || graph.isInitializer(tensor)) {
                    continue;
                }
                inputs.add(tensor);
                if (producer >= 0) {
                    predecessors.add(stepOfNode.get(producer));
                }
            }
            for (String tensor : (Iterable<String>) graph.node(node).writes()::iterator) {
                if (graphOutputs.contains(tensor)
                        || graph.consumers(tensor).stream().anyMatch(consumer -> stepOfNode.get(consumer) != index)) {
                    outputs.add(tensor);
                }
            }
        }
        Optional<Region> region = group.branch().flatMap(Branch::region);
        // The compiled region fixes the order of its operands.
        List<String> orderedInputs = region.map(Region::inputs).orElseGet(() -> List.copyOf(inputs));
        List<String> orderedOutputs = region.map(Region::outputs).orElseGet(() -> List.copyOf(outputs));
        int level = predecessors.stream().mapToInt(step -> before.get(step).layer() + 1).max().orElse(0);
        long operandBytes = bytes(inputs) + bytes(outputs);
        // A region's intermediates lie on the device, which on phones and boards is the same memory.
        long scratch = withBodies.map(ControlFlow::arenaBytes)
                .orElseGet(() -> LivePeak.bytes(graph, nodes, tensor -> !outputs.contains(tensor)));
        return new PlanStep(
                name(index, group, withBodies),
                level,
                region.isPresent() ? Placement.ACCELERATOR : Placement.CPU,
                region,
                nodes,
                orderedInputs,
                orderedOutputs,
                macs,
                operandBytes,
                scratch + bytes(outputs),
                List.copyOf(predecessors),
                group.threads(),
                group.firstThread(),
                withBodies,
                group.reason());
    }

    private String name(int index, Group group, Optional<ControlFlow> withBodies) {
        String what = withBodies.map(operator -> graph.node(operator.node()).opType().toLowerCase(Locale.ROOT))
                .or(() -> group.branch().map(Branch::name))
                .orElse("");
        return what.isEmpty() ? "S" + index : "S" + index + "." + what;
    }

    private long bytes(Set<String> tensors) {
        return tensors.stream()
                .mapToLong(tensor -> graph.type(tensor).filter(TensorType::isStatic).map(TensorType::bytes).orElse(0L))
                .sum();
    }
}
