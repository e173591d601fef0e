package io.parallaxfleet.engine;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An If whose chosen sub-graph runs by a plan of its own.
 *
 * @param node index of the If
 * @param condition the tensor that decides
 * @param whenTrue plan of {@value #THEN}
 * @param whenFalse plan of {@value #ELSE}
 */
public record Conditional(int node, String condition, EnginePlan whenTrue, EnginePlan whenFalse) implements ControlFlow {
    static final String THEN = "then_branch";
    static final String ELSE = "else_branch";

    /** See {@link ControlFlow#of}. */
    static Optional<Conditional> of(PreparedModel model, Node node, BodyPlanner planner) {
        if (!isUnderstood(model, node)) {
            return Optional.empty();
        }
        EnginePlan whenTrue = plan(model, node, THEN, planner);
        EnginePlan whenFalse = plan(model, node, ELSE, planner);
        return whenTrue.execution() == Execution.ONE_SESSION && whenFalse.execution() == Execution.ONE_SESSION
                ? Optional.empty()
                : Optional.of(new Conditional(node.index(), node.inputs().get(0), whenTrue, whenFalse));
    }

    private static EnginePlan plan(PreparedModel model, Node node, String attribute, BodyPlanner planner) {
        return planner.plan(
                ControlFlow.bodyName(node.index(), attribute), model.body(node.index(), attribute).orElseThrow(), Set.of());
    }

    /** See {@link ControlFlow#isUnderstood}: the engine evaluates the condition and hands on the results. */
    static boolean isUnderstood(PreparedModel model, Node node) {
        return decides(model.graph(), node)
                && List.of(THEN, ELSE).stream().allMatch(attribute ->
                        model.body(node.index(), attribute).filter(Conditional::hasTypedOutputs).isPresent());
    }

    static boolean decides(ModelGraph graph, Node node) {
        return !node.inputs().isEmpty()
                && !graph.isInitializer(node.inputs().get(0))
                && graph.type(node.inputs().get(0)).filter(type -> type.elementType() == ElementType.BOOL).isPresent();
    }

    private static boolean hasTypedOutputs(PreparedModel body) {
        return body.graph().outputs().stream().allMatch(output -> body.graph().type(output).isPresent());
    }

    @Override
    public Map<String, EnginePlan> bodies() {
        Map<String, EnginePlan> bodies = new LinkedHashMap<>();
        bodies.put(THEN, whenTrue);
        bodies.put(ELSE, whenFalse);
        return bodies;
    }

    @Override
    public Conditional onOneThread() {
        return new Conditional(node, condition, whenTrue.onOneThread(), whenFalse.onOneThread());
    }

    /** What the larger of the two plans needs; only one runs at a time. */
    @Override
    public long arenaBytes() {
        return Math.max(whenTrue.arenaBytes(), whenFalse.arenaBytes());
    }

    @Override
    public String reason() {
        return "the chosen sub-graph runs by a plan of its own";
    }
}
