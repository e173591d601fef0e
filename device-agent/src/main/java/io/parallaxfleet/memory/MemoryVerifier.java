package io.parallaxfleet.memory;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.Unit;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proves a {@link MemoryPlan} by other means than its planner: it builds the graph of all steps, closes it, and checks lifetime
 * against storage for every two tensors that overlap in an arena. Returns quietly or throws {@link IllegalStateException} that
 * names the tensors. O(S·E / 64 + overlaps) time, O(S² / 8) bytes; for tests and debug runs.
 */
public final class MemoryVerifier {
    private final BranchPlan plan;
    private final MemoryPlan memory;
    private final MemoryOptions options;
    private final ModelGraph graph;
    private final List<Unit> steps = new ArrayList<>();
    private final List<Integer> branchOfStep = new ArrayList<>();
    private final List<Integer> firstStepOfBranch = new ArrayList<>();
    private final Map<String, Integer> writerOf = new HashMap<>();
    private final Map<String, Set<Integer>> usersOf = new HashMap<>();
    /** Steps that are always over before each step starts. */
    private final List<BitSet> before = new ArrayList<>();

    private MemoryVerifier(BranchPlan plan, MemoryPlan memory, MemoryOptions options) {
        this.plan = plan;
        this.memory = memory;
        this.options = options;
        graph = plan.graph();
        for (Branch branch : plan.branches()) {
            firstStepOfBranch.add(steps.size());
            for (Unit unit : branch.units()) {
                for (int node : unit.nodes()) {
                    for (String tensor : graph.node(node).writes().toList()) {
                        writerOf.put(tensor, steps.size());
                        usersOf.computeIfAbsent(tensor, key -> new HashSet<>()).add(steps.size());
                    }
                    for (String tensor : graph.node(node).reads().toList()) {
                        usersOf.computeIfAbsent(tensor, key -> new HashSet<>()).add(steps.size());
                    }
                }
                steps.add(unit);
                branchOfStep.add(branch.index());
            }
        }
        closeOrder();
    }

    /** Branches are in topological order, layer by layer, so one pass forward closes the order. */
    private void closeOrder() {
        for (int step = 0; step < steps.size(); step++) {
            BitSet over = new BitSet(steps.size());
            Branch branch = plan.branches().get(branchOfStep.get(step));
            if (step > firstStepOfBranch.get(branch.index())) {
                addWithAllBefore(over, step - 1);
            } else if (options.layerBarrier()) {
                List<Integer> waitsFor = branch.layer() == 0 ? List.of() : plan.layers().get(branch.layer() - 1).branches();
                waitsFor.forEach(other -> addWithAllBefore(over, lastStep(other)));
            } else {
                branch.predecessors().forEach(other -> addWithAllBefore(over, lastStep(other)));
            }
            before.add(over);
        }
    }

    private void addWithAllBefore(BitSet over, int step) {
        over.set(step);
        over.or(before.get(step));
    }

    private int lastStep(int branch) {
        return firstStepOfBranch.get(branch) + plan.branches().get(branch).units().size() - 1;
    }

    /** Verifies under {@link MemoryOptions#defaults()}. */
    public static void verify(BranchPlan plan, MemoryPlan memory) {
        verify(plan, memory, MemoryOptions.defaults());
    }

    /** Verifies that the plan is safe in every execution that the options allow, and that it says what it holds. */
    public static void verify(BranchPlan plan, MemoryPlan memory, MemoryOptions options) {
        MemoryVerifier verifier = new MemoryVerifier(plan, memory, options);
        verifier.requireEveryTensorOnce();
        memory.allocations().forEach(verifier::requireWellPlaced);
        verifier.requireDisjoint();
        verifier.requireTotals();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }

    private boolean isHeldByHost(String tensor) {
        return !(steps.get(writerOf.get(tensor)) instanceof Unit.Delegated delegated)
                || delegated.region().outputs().contains(tensor);
    }

    private void requireEveryTensorOnce() {
        Set<String> placed = new HashSet<>();
        for (Allocation allocation : memory.allocations()) {
            require(placed.add(allocation.tensor()), "tensor '" + allocation.tensor() + "' is placed twice");
            require(writerOf.containsKey(allocation.tensor()) && isHeldByHost(allocation.tensor()),
                    "tensor '" + allocation.tensor() + "' is placed and needs no storage here");
        }
        for (Map.Entry<String, Integer> written : writerOf.entrySet()) {
            String tensor = written.getKey();
            boolean known = graph.type(tensor).filter(TensorType::isStatic).isPresent();
            boolean host = isHeldByHost(tensor);
            require(placed.contains(tensor) == (known && host), "tensor '" + tensor + "' of a known size is not placed");
            Integer grower = memory.dynamicTensors().get(tensor);
            require((grower != null) == (!known && host), "tensor '" + tensor + "' is wrongly "
                    + (grower == null ? "missing from" : "listed among") + " the dynamic ones");
            require(grower == null || grower.equals(branchOfStep.get(written.getValue())),
                    "dynamic tensor '" + tensor + "' belongs to a branch that does not write it");
        }
        require(writerOf.keySet().containsAll(memory.dynamicTensors().keySet()), "a dynamic tensor is written by nobody");
    }

    private void requireWellPlaced(Allocation allocation) {
        String name = "tensor '" + allocation.tensor() + "'";
        int writer = writerOf.get(allocation.tensor());
        int owner = branchOfStep.get(writer);
        require(allocation.bytes() == graph.type(allocation.tensor()).orElseThrow().bytes(), name + " has another size");
        require(allocation.arena() >= 0 && allocation.arena() < plan.branches().size(), name + " lies in arena "
                + allocation.arena() + ", which does not exist");
        require(allocation.arena() == owner
                        || options.crossArenaSharing() && before.get(firstStepOfBranch.get(owner)).get(lastStep(allocation.arena())),
                name + " of branch " + owner + " lies in arena " + allocation.arena() + ", whose branch may run beside it");
        require(allocation.offsetBytes() % MemoryPlan.ALIGNMENT_BYTES == 0, name + " is not aligned");
        require(allocation.endBytes() <= memory.arenaBytes().get(allocation.arena()), name + " ends outside its arena");
        int last = graph.outputs().contains(allocation.tensor())
                ? steps.size() - 1
                : usersOf.get(allocation.tensor()).stream().mapToInt(Integer::intValue).max().orElseThrow();
        require(allocation.firstStep() == writer && allocation.lastStep() == last, name + " lives in steps " + writer + ".." + last
                + ", not " + allocation.firstStep() + ".." + allocation.lastStep());
    }

    private void requireDisjoint() {
        List<Allocation> sorted = memory.allocations().stream()
                .filter(allocation -> allocation.bytes() > 0)
                .sorted(Comparator.comparingInt(Allocation::arena).thenComparingLong(Allocation::offsetBytes))
                .toList();
        for (int left = 0; left < sorted.size(); left++) {
            Allocation lower = sorted.get(left);
            for (int right = left + 1; right < sorted.size(); right++) {
                Allocation upper = sorted.get(right);
                if (upper.arena() != lower.arena() || upper.offsetBytes() >= lower.endBytes()) {
                    break;
                }
                require(isOverBefore(lower, upper) || isOverBefore(upper, lower), "tensors '" + lower.tensor() + "' and '"
                        + upper.tensor() + "' share storage in arena " + lower.arena() + " and may be alive at the same time");
            }
        }
    }

    private boolean isOverBefore(Allocation first, Allocation second) {
        return !graph.outputs().contains(first.tensor())
                && usersOf.get(first.tensor()).stream().allMatch(before.get(second.firstStep())::get);
    }

    private void requireTotals() {
        long naive = 0;
        for (Allocation allocation : memory.allocations()) {
            naive += Arena.align(allocation.bytes());
        }
        require(memory.naiveBytes() == naive, "naive bytes are " + naive + ", not " + memory.naiveBytes());
        require(memory.arenaBytes().size() == plan.branches().size() && memory.branchPeakBytes().size() == plan.branches().size(),
                "there are not as many arenas and peaks as branches");
        for (Branch branch : plan.branches()) {
            long peak = 0;
            for (int step = firstStepOfBranch.get(branch.index()); step <= lastStep(branch.index()); step++) {
                peak = Math.max(peak, heldAt(step, branch.index()));
            }
            long said = memory.branchPeakBytes().get(branch.index());
            require(said == peak, "branch " + branch.index() + " has a peak of " + peak + " bytes, not " + said);
        }
    }

    /** Bytes of what the branch wrote up to the step and somebody still needs in it or after it. */
    private long heldAt(int step, int branch) {
        long held = 0;
        for (int writer = firstStepOfBranch.get(branch); writer <= step; writer++) {
            for (int node : steps.get(writer).nodes()) {
                for (String tensor : graph.node(node).writes().toList()) {
                    boolean needed = writer == step || graph.outputs().contains(tensor)
                            || usersOf.get(tensor).stream().anyMatch(user -> user >= step);
                    if (needed && isHeldByHost(tensor)) {
                        held += graph.type(tensor).filter(TensorType::isStatic).map(type -> Arena.align(type.bytes())).orElse(0L);
                    }
                }
            }
        }
        return held;
    }
}
