package io.parallaxfleet.engine;

import io.parallaxfleet.graph.Node;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A control-flow operator whose sub-graphs run by plans of their own. */
public sealed interface ControlFlow permits Conditional, Iteration {
    /** Index of the operator. */
    int node();

    /** Plans of its sub-graphs by the attribute that holds each, in the order of the operator's definition. */
    Map<String, EnginePlan> bodies();

    /** The same with plans of one thread. */
    ControlFlow onOneThread();

    /** Planned bytes while it runs. */
    long arenaBytes();

    /** How it is run, for people. */
    String reason();

    /** Plans a sub-graph. */
    @FunctionalInterface
    interface BodyPlanner {
        /**
         * @param name as {@link #bodyName} has it
         * @param handedOn outputs that the next run of the same sub-graph reads
         */
        EnginePlan plan(String name, PreparedModel body, Set<String> handedOn);
    }

    /** The operator with plans for its sub-graphs; empty where they gain nothing by being planned, or cannot be. */
    static Optional<ControlFlow> of(PreparedModel model, Node node, BodyPlanner planner) {
        if (node.is("If")) {
            return Conditional.of(model, node, planner).map(ControlFlow.class::cast);
        }
        return bodiesOf(node).isEmpty() ? Optional.empty() : IterationReader.read(model, node, planner).map(ControlFlow.class::cast);
    }

    /** Whether the engine could run the operator by plans of its sub-graphs: all that crosses into and out of them is dense. */
    static boolean isUnderstood(PreparedModel model, Node node) {
        return node.is("If")
                ? Conditional.isUnderstood(model, node)
                : !bodiesOf(node).isEmpty() && IterationReader.isUnderstood(model, node);
    }

    /** Why ONNX Runtime runs the operator as a whole; empty where the engine could run it by plans of its sub-graphs. */
    static Optional<String> refusal(PreparedModel model, Node node) {
        if (isUnderstood(model, node)) {
            return Optional.empty();
        }
        List<String> attributes = bodiesOf(node);
        if (attributes.isEmpty()) {
            return Optional.of("only If, Loop and Scan have plans inside");
        }
        if (attributes.stream().anyMatch(attribute -> model.body(node.index(), attribute).isEmpty())) {
            return Optional.of("a sub-graph reads what is no dense tensor of a known type");
        }
        if (node.is("If") && !Conditional.decides(model.graph(), node)) {
            return Optional.of("its condition is a constant, or of no known type");
        }
        return Optional.of(node.is("Scan") && IterationReader.isOfOpset8(node, model.body(node.index(), Iteration.BODY).orElseThrow().graph())
                ? "a Scan of opset 8 also runs over a batch and over lengths; export with opset 9 or later"
                : "what it is handed, hands on or gives is no dense tensor of a known type, as sequences are not");
    }

    /** Attributes that hold the sub-graphs which the engine may run by plans; empty for an operator of any other kind. */
    static List<String> bodiesOf(Node node) {
        if (node.is("If")) {
            return List.of(Conditional.THEN, Conditional.ELSE);
        }
        return node.is("Loop") || node.is("Scan") ? List.of(Iteration.BODY) : List.of();
    }

    /** Name of a sub-graph within its graph. */
    static String bodyName(int node, String attribute) {
        return node + "." + attribute;
    }

    /** Whether one of the sub-graphs has a region on the accelerator. */
    default boolean delegates() {
        return bodies().values().stream().anyMatch(body -> body.execution() == Execution.HETEROGENEOUS);
    }
}
