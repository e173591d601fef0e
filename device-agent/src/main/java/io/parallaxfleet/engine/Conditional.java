package io.parallaxfleet.engine;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * An If whose chosen sub-graph runs by a plan of its own.
 *
 * @param node index of the If
 * @param condition the tensor that decides
 * @param whenTrue plan of {@value #THEN}
 * @param whenFalse plan of {@value #ELSE}
 */
public record Conditional(int node, String condition, EnginePlan whenTrue, EnginePlan whenFalse) {
    static final String THEN = "then_branch";
    static final String ELSE = "else_branch";

    /** Name of a sub-graph within its graph. */
    public static String bodyName(int node, String attribute) {
        return node + "." + attribute;
    }

    /**
     * The If with plans for its sub-graphs; empty where they gain nothing by being planned, or cannot be.
     *
     * @param planner plans a sub-graph, given its name and itself
     */
    static Optional<Conditional> of(PreparedModel model, Node node, BiFunction<String, PreparedModel, EnginePlan> planner) {
        if (!canBeAStep(model.graph(), node)) {
            return Optional.empty();
        }
        Optional<PreparedModel> thenBody = model.body(node.index(), THEN);
        Optional<PreparedModel> elseBody = model.body(node.index(), ELSE);
        if (thenBody.isEmpty() || elseBody.isEmpty() || !hasTypedOutputs(thenBody.get()) || !hasTypedOutputs(elseBody.get())) {
            return Optional.empty();
        }
        EnginePlan whenTrue = planner.apply(bodyName(node.index(), THEN), thenBody.get());
        EnginePlan whenFalse = planner.apply(bodyName(node.index(), ELSE), elseBody.get());
        return whenTrue.execution() == Execution.ONE_SESSION && whenFalse.execution() == Execution.ONE_SESSION
                ? Optional.empty()
                : Optional.of(new Conditional(node.index(), node.inputs().get(0), whenTrue, whenFalse));
    }

    /** Whether the engine can evaluate the condition and hand on the results: dense tensors of a known type. */
    private static boolean canBeAStep(ModelGraph graph, Node node) {
        return node.is("If")
                && !node.inputs().isEmpty()
                && !graph.isInitializer(node.inputs().get(0))
                && graph.type(node.inputs().get(0)).filter(type -> type.elementType() == ElementType.BOOL).isPresent();
    }

    private static boolean hasTypedOutputs(PreparedModel body) {
        return body.graph().outputs().stream().allMatch(output -> body.graph().type(output).isPresent());
    }

    /** Whether one of the sub-graphs has a region on the accelerator. */
    boolean delegates() {
        return whenTrue.execution() == Execution.HETEROGENEOUS || whenFalse.execution() == Execution.HETEROGENEOUS;
    }

    /** What the larger of the two plans needs; only one runs at a time. */
    long arenaBytes() {
        return Math.max(whenTrue.arenaBytes(), whenFalse.arenaBytes());
    }
}
