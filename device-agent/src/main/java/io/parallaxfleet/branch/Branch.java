package io.parallaxfleet.branch;

import io.parallaxfleet.partition.Region;
import java.util.List;
import java.util.Optional;

/**
 * A maximal linear chain of units without an internal split or merge, all on one placement.
 *
 * @param index position in the plan, in a topological order of the branches
 * @param layer the layer it belongs to
 * @param units the chain, in order
 * @param inputs tensors the branch reads from outside, initialisers not among them
 * @param outputs tensors it writes that others read or that are graph outputs
 * @param macs F over its operators
 * @param boundaryBytes B: bytes of inputs and outputs with a known size
 * @param predecessors branches whose outputs it reads, ascending
 */
public record Branch(
        int index,
        int layer,
        List<Unit> units,
        List<String> inputs,
        List<String> outputs,
        long macs,
        long boundaryBytes,
        List<Integer> predecessors) {
    public Branch {
        units = List.copyOf(units);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        predecessors = List.copyOf(predecessors);
        if (units.isEmpty()) {
            throw new IllegalArgumentException("branch " + index + " has no units");
        }
    }

    /** N: operators of all units. */
    public int operators() {
        return units.stream().mapToInt(unit -> unit.nodes().size()).sum();
    }

    /** Node indices of all units, in execution order. */
    public List<Integer> nodes() {
        return units.stream().flatMap(unit -> unit.nodes().stream()).toList();
    }

    /** The delegated region this branch is; empty for a CPU branch. A region is always a branch of its own. */
    public Optional<Region> region() {
        return units.size() == 1 && units.get(0) instanceof Unit.Delegated delegated
                ? Optional.of(delegated.region())
                : Optional.empty();
    }

    /** Stable name within a plan. */
    public String name() {
        return "L" + layer + ".B" + index;
    }
}
