package io.parallaxfleet.engine;

import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads what a Loop or Scan does and plans its body, where the engine can run it: every tensor is dense, of a known rank. */
final class IterationReader {
    private final ModelGraph outer;
    private final Node node;
    private final ModelGraph body;

    private IterationReader(ModelGraph outer, Node node, ModelGraph body) {
        this.outer = outer;
        this.node = node;
        this.body = body;
    }

    /** What an operator does, its body unplanned. */
    private record Understood(PreparedModel body, Iteration.Bound bound, List<String> initial, List<Iteration.Axis> stacked) {
        Set<String> handedOn() {
            int first = bound.leadingOutputs();
            return new HashSet<>(body.graph().outputs().subList(first, first + initial.size()));
        }
    }

    /** See {@link ControlFlow#of}. */
    static Optional<Iteration> read(PreparedModel model, Node node, ControlFlow.BodyPlanner planner) {
        return understand(model, node).flatMap(read -> {
            EnginePlan plan = planner.plan(ControlFlow.bodyName(node.index(), Iteration.BODY), read.body(), read.handedOn());
            return plan.execution() == Execution.ONE_SESSION
                    ? Optional.empty()
                    : Optional.of(new Iteration(node.index(), read.bound(), read.initial(), read.stacked(), plan));
        });
    }

    /** See {@link ControlFlow#isUnderstood}. */
    static boolean isUnderstood(PreparedModel model, Node node) {
        return understand(model, node).isPresent();
    }

    private static Optional<Understood> understand(PreparedModel model, Node node) {
        return model.body(node.index(), Iteration.BODY).flatMap(body -> {
            IterationReader reader = new IterationReader(model.graph(), node, body.graph());
            Optional<Iteration.Bound> bound = node.is("Loop") ? reader.loopBound() : reader.scanBound();
            return bound.flatMap(ends -> reader.understand(ends, body));
        });
    }

    private Optional<Understood> understand(Iteration.Bound bound, PreparedModel model) {
        int scanned = bound instanceof Iteration.Bound.Sequence sequence ? sequence.scanned().size() : 0;
        int last = node.inputs().size() - scanned;
        List<String> initial = node.inputs().subList(Math.min(bound.leadingInputs(), last), last);
        int firstStacked = bound.leadingOutputs() + initial.size();
        // The body's inputs go on with what it captures.
        boolean fits = body.inputs().size() >= bound.leadingInputs() + initial.size() + scanned
                && body.outputs().size() >= Math.max(firstStacked, bound.leadingOutputs() + node.outputs().size());
        if (!fits
                || !initial.stream().allMatch(tensor -> isDense(outer, tensor))
                || !body.outputs().stream().allMatch(tensor -> isDense(body, tensor))) {
            return Optional.empty();
        }
        return stacked(firstStacked).map(axes -> new Understood(model, bound, initial, axes));
    }

    private static boolean isDense(ModelGraph graph, String tensor) {
        return graph.type(tensor).filter(type -> TensorStore.javaType(type.elementType()).isPresent()).isPresent();
    }

    private Optional<Iteration.Bound> loopBound() {
        Optional<String> trips = input(0);
        Optional<String> condition = input(1);
        boolean understood = trips.stream().allMatch(tensor -> is(outer, tensor, ElementType.INT64))
                && condition.stream().allMatch(tensor -> is(outer, tensor, ElementType.BOOL))
                && body.inputs().size() >= 2
                && is(body, body.inputs().get(0), ElementType.INT64)
                && is(body, body.inputs().get(1), ElementType.BOOL)
                && is(body, body.outputs().get(0), ElementType.BOOL);
        return understood ? Optional.of(new Iteration.Bound.TripsAndCondition(trips, condition)) : Optional.empty();
    }

    private Optional<String> input(int position) {
        return position < node.inputs().size() && !node.inputs().get(position).isEmpty()
                ? Optional.of(node.inputs().get(position))
                : Optional.empty();
    }

    private static boolean is(ModelGraph graph, String tensor, ElementType type) {
        return graph.type(tensor).filter(known -> known.elementType() == type).isPresent();
    }

    private Optional<Iteration.Bound> scanBound() {
        int scanned = (int) node.attributes().integer("num_scan_inputs", 0);
        int first = node.inputs().size() - scanned;
        if (scanned < 1 || first < 0 || isOfOpset8(node, body)) {
            return Optional.empty();
        }
        List<Iteration.Scanned> sequences = new ArrayList<>();
        for (int position = 0; position < scanned; position++) {
            String tensor = node.inputs().get(first + position);
            if (!isDense(outer, tensor)) {
                return Optional.empty();
            }
            Optional<Iteration.Axis> along =
                    axis("scan_input_axes", "scan_input_directions", position, outer.type(tensor).orElseThrow().rank());
            if (along.isEmpty()) {
                return Optional.empty();
            }
            sequences.add(new Iteration.Scanned(tensor, along.get()));
        }
        return Optional.of(new Iteration.Bound.Sequence(sequences));
    }

    /** Before opset 9 the first input held lengths, or was left out, and was none of the body's; directions had one name. */
    static boolean isOfOpset8(Node scan, ModelGraph body) {
        return scan.attributes().has("directions") || scan.inputs().stream().anyMatch(String::isEmpty)
                || body.inputs().size() < scan.inputs().size();
    }

    private Optional<Iteration.Axis> axis(String axes, String directions, int position, int rank) {
        long axis = element(axes, position);
        return axis >= -rank && axis < rank
                ? Optional.of(new Iteration.Axis((int) (axis < 0 ? axis + rank : axis), element(directions, position) != 0))
                : Optional.empty();
    }

    private long element(String attribute, int position) {
        List<Long> values = node.attributes().integers(attribute, List.of());
        return position < values.size() ? values.get(position) : 0;
    }

    private Optional<List<Iteration.Axis>> stacked(int first) {
        List<Optional<Iteration.Axis>> axes = IntStream.range(first, body.outputs().size())
                .mapToObj(output -> {
                    TensorType row = body.type(body.outputs().get(output)).orElseThrow();
                    return axis("scan_output_axes", "scan_output_directions", output - first, row.rank() + 1);
                })
                .toList();
        return axes.stream().allMatch(Optional::isPresent)
                ? Optional.of(axes.stream().map(Optional::orElseThrow).toList())
                : Optional.empty();
    }
}
