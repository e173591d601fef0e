package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.partition.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Joins operators with the element-wise operators that alone read their result, so that a chain is one kernel and its
 * intermediates never reach memory. A group is launched where its last operator stands: everything it reads is there by then.
 */
final class FusionPlan {
    // Kernel arguments cost registers on GPUs; real chains have a bias and a residual.
    private static final int MAX_OPERANDS = 4;

    /**
     * Operators computed by one lowering.
     *
     * @param anchor the first operator
     * @param pointwise what follows it
     * @param result the tensor that leaves the group
     * @param last index of the last operator in the graph
     */
    record Group(Operator anchor, Lowering lowering, Pointwise pointwise, String result, int last) {}

    private final ModelGraph graph;
    private final Set<Integer> nodes;
    private final Set<String> outputs;
    private final RegionDraft draft;
    private final Set<Integer> fused = new HashSet<>();
    private final List<Group> groups = new ArrayList<>();

    FusionPlan(ModelGraph graph, Region region, OperatorCatalogue catalogue, RegionDraft draft) {
        this.graph = graph;
        this.nodes = new HashSet<>(region.nodes());
        this.outputs = new HashSet<>(region.outputs());
        this.draft = draft;
        for (int index : region.nodes()) {
            if (!fused.contains(index)) {
                Operator anchor = new Operator(graph, graph.node(index));
                groups.add(group(anchor, catalogue.lowering(anchor)));
            }
        }
        groups.sort(Comparator.comparingInt(Group::last));
    }

    /** The groups in launch order. */
    List<Group> groups() {
        return Collections.unmodifiableList(groups);
    }

    private Group group(Operator anchor, Lowering lowering) {
        Group group = new Group(anchor, lowering, Pointwise.NONE, anchor.output(), anchor.node().index());
        if (!lowering.fusesPointwise(anchor)) {
            return group;
        }
        for (Optional<Group> longer = Optional.of(group); longer.isPresent(); longer = extend(group)) {
            group = longer.get();
        }
        return group;
    }

    private Optional<Group> extend(Group group) {
        String value = group.result();
        List<Integer> readers = graph.consumers(value);
        // A reader may already end another chain: a sum of two convolutions belongs to the first.
        if (outputs.contains(value) || !nodes.containsAll(readers) || readers.stream().anyMatch(fused::contains)) {
            return Optional.empty();
        }
        if (readers.size() == 1) {
            return extend(group, new Operator(graph, graph.node(readers.get(0))));
        }
        return readers.size() == 2 ? extendGated(group, readers.get(0), readers.get(1)) : Optional.empty();
    }

    private Optional<Group> extend(Group group, Operator next) {
        int at = next.node().inputs().indexOf(group.result());
        if (!PointwiseOperators.isPointwise(next.kind())
                || Collections.frequency(next.node().inputs(), group.result()) != 1
                || !PointwiseOperators.chainsAt(next, at)
                || !Arrays.equals(next.outputShape(), group.anchor().outputShape())) {
            return Optional.empty();
        }
        Pointwise step = PointwiseOperators.chain(next, at, draft);
        boolean accepted = step.operands().stream().allMatch(operand -> group.lowering().accepts(group.anchor(), operand.shape()));
        if (!accepted || group.pointwise().operands().size() + step.operands().size() > MAX_OPERANDS) {
            return Optional.empty();
        }
        return Optional.of(joined(group, step, next.node()));
    }

    /** {@code value · gate(value)}: the value has two readers, and both end here. */
    private Optional<Group> extendGated(Group group, int first, int second) {
        Operator gate = new Operator(graph, graph.node(first));
        Node product = graph.node(second);
        boolean gated = product.is("Mul")
                && product.inputs().size() == 2
                && product.inputs().contains(group.result())
                && product.inputs().contains(gate.output())
                && PointwiseOperators.isPointwise(gate.kind())
                && PointwiseOperators.isUnary(gate)
                && gate.input(0).equals(group.result())
                && graph.consumers(gate.output()).size() == 1
                && !outputs.contains(gate.output());
        if (!gated) {
            return Optional.empty();
        }
        fused.add(first);
        return Optional.of(joined(group, PointwiseOperators.gated(gate, draft), product));
    }

    private Group joined(Group group, Pointwise step, Node last) {
        fused.add(last.index());
        return new Group(group.anchor(), group.lowering(), group.pointwise().then(step), last.outputs().get(0), last.index());
    }
}
