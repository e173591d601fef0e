package io.parallaxfleet.memory;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.Unit;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Plans the arenas of a branch plan (Parallax, Section 3.3).
 *
 * <p>Steps are the units in plan order: the branches by index, the units of a branch one after another. A tensor is alive from
 * the step that writes it until every step that reads it is over; graph outputs live to the end. Its storage may be used again
 * only by a tensor whose writer starts after that in <em>every</em> execution the branch dependencies allow (with
 * {@link MemoryOptions#layerBarrier()}: every execution the layers allow). Within that rule a tensor takes the tightest free
 * gap of its branch's arena; with {@link MemoryOptions#crossArenaSharing()} also of the arenas of branches that are always over
 * before. Where there is no gap, the arena grows that has to grow least.
 *
 * <p>What stays inside a delegated region lives on the device and is not planned; the region's outputs are. Tensors with a
 * data-dependent size are listed, not placed: the branch that writes them grows them in its own arena. Sizes count rounded up
 * to {@link MemoryPlan#ALIGNMENT_BYTES}; M_i is the most that the tensors written by branch i take while it runs, those that
 * others still need included, fragmentation not. O(T²) time at worst, O(branches² / 8) bytes.
 */
public final class MemoryPlanner {
    private final BranchPlan plan;
    private final MemoryOptions options;
    private final ModelGraph graph;
    private final Precedence precedence;
    private final int[] branchOfStep;
    private final int[] stepOfNode;
    private final List<Arena<Lifetime>> arenas = new ArrayList<>();

    /** One planned tensor with the steps that use it, the writer first. */
    private record Lifetime(String tensor, long bytes, int[] users, boolean output) {
        int firstStep() {
            return users[0];
        }
    }

    private MemoryPlanner(BranchPlan plan, MemoryOptions options) {
        this.plan = plan;
        this.options = options;
        graph = plan.graph();
        precedence = new Precedence(plan.branches().stream().map(Branch::predecessors).toList());
        branchOfStep = plan.branches().stream()
                .flatMapToInt(branch -> branch.units().stream().mapToInt(unit -> branch.index()))
                .toArray();
        stepOfNode = new int[graph.size()];
        int step = 0;
        for (Branch branch : plan.branches()) {
            arenas.add(new Arena<>());
            for (Unit unit : branch.units()) {
                for (int node : unit.nodes()) {
                    stepOfNode[node] = step;
                }
                step++;
            }
        }
    }

    public static MemoryPlan plan(BranchPlan plan, MemoryOptions options) {
        return new MemoryPlanner(plan, options).place();
    }

    private MemoryPlan place() {
        Set<String> graphOutputs = new HashSet<>(graph.outputs());
        List<Allocation> allocations = new ArrayList<>();
        List<Long> peaks = new ArrayList<>();
        Map<String, Integer> dynamic = new HashMap<>();
        long naive = 0;
        int step = 0;
        for (Branch branch : plan.branches()) {
            List<Lifetime> written = new ArrayList<>();
            int firstStep = step;
            for (Unit unit : branch.units()) {
                for (String tensor : hostTensors(unit)) {
                    Optional<TensorType> type = graph.type(tensor).filter(TensorType::isStatic);
                    if (type.isEmpty()) {
                        dynamic.put(tensor, branch.index());
                        continue;
                    }
                    Lifetime lifetime = lifetime(tensor, type.get().bytes(), step, graphOutputs.contains(tensor));
                    written.add(lifetime);
                    allocations.add(place(lifetime, branch.index()));
                    naive += Arena.align(lifetime.bytes());
                }
                step++;
            }
            peaks.add(peak(written, firstStep, step - 1));
        }
        return new MemoryPlan(allocations, arenas.stream().map(Arena::bytes).toList(), peaks, dynamic, naive);
    }

    private List<String> hostTensors(Unit unit) {
        return unit instanceof Unit.Delegated delegated
                ? delegated.region().outputs()
                : graph.node(unit.nodes().get(0)).writes().toList();
    }

    private Lifetime lifetime(String tensor, long bytes, int writer, boolean output) {
        IntStream readers = graph.consumers(tensor).stream().mapToInt(node -> stepOfNode[node]).filter(step -> step != writer);
        return new Lifetime(tensor, bytes, IntStream.concat(IntStream.of(writer), readers.distinct()).toArray(), output);
    }

    private Allocation place(Lifetime lifetime, int branch) {
        int arena = branch;
        Arena.Fit best = bestFit(branch, lifetime);
        for (int other = 0; options.crossArenaSharing() && other < branch; other++) {
            // An empty arena is no better than the branch's own.
            if (arenas.get(other).bytes() > 0 && isOverBefore(other, branch)) {
                Arena.Fit fit = bestFit(other, lifetime);
                if (fit.isTighterThan(best)) {
                    best = fit;
                    arena = other;
                }
            }
        }
        long offset = lifetime.bytes() == 0 ? 0 : best.offset();
        arenas.get(arena).place(lifetime, offset, lifetime.bytes());
        int last = lifetime.output() ? branchOfStep.length - 1 : Arrays.stream(lifetime.users()).max().orElseThrow();
        return new Allocation(lifetime.tensor(), arena, offset, lifetime.bytes(), lifetime.firstStep(), last);
    }

    private Arena.Fit bestFit(int arena, Lifetime wanted) {
        return arenas.get(arena).bestFit(wanted.bytes(), placed -> mayBeAlive(placed, wanted.firstStep()));
    }

    /** Tensors are placed in a topological order, so a later one is never over before an earlier one is written. */
    private boolean mayBeAlive(Lifetime earlier, int step) {
        if (earlier.output()) {
            return true;
        }
        for (int user : earlier.users()) {
            boolean over = branchOfStep[user] == branchOfStep[step]
                    ? user < step
                    : isOverBefore(branchOfStep[user], branchOfStep[step]);
            if (!over) {
                return true;
            }
        }
        return false;
    }

    private boolean isOverBefore(int first, int second) {
        return options.layerBarrier()
                ? plan.branches().get(first).layer() < plan.branches().get(second).layer()
                : precedence.isBefore(first, second);
    }

    /** Sweep over the steps of one branch; what others read lives to its end. */
    private long peak(List<Lifetime> written, int firstStep, int lastStep) {
        long[] change = new long[lastStep - firstStep + 2];
        for (Lifetime lifetime : written) {
            int last = lifetime.output() ? lastStep : Math.min(lastStep, Arrays.stream(lifetime.users()).max().orElseThrow());
            change[lifetime.firstStep() - firstStep] += Arena.align(lifetime.bytes());
            change[last + 1 - firstStep] -= Arena.align(lifetime.bytes());
        }
        long held = 0;
        long peak = 0;
        for (long delta : change) {
            held += delta;
            peak = Math.max(peak, held);
        }
        return peak;
    }
}
