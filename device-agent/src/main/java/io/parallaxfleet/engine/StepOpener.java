package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.OrtSegment;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Opens what runs a plan's steps on the CPU: sessions, and the plans of sub-graphs. */
final class StepOpener {
    private final EnginePlan plan;
    private final PreparedModel model;
    private final EngineOptions options;
    private final Spinning spinning;
    private final CpuThreads threads;
    private final TensorStore tensors;
    private final LongSupplier budgetBytes;
    private final OrtEnvironment environment;

    /** @param budgetBytes memory budget of the run in progress */
    StepOpener(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads, TensorStore tensors,
            LongSupplier budgetBytes, OrtEnvironment environment) {
        this.plan = plan;
        this.model = model;
        this.options = options;
        this.spinning = spinning;
        this.threads = threads;
        this.tensors = tensors;
        this.budgetBytes = budgetBytes;
        this.environment = environment;
    }

    /** The caller closes it. */
    StepKernel open(PlanStep step) {
        return step.conditional().<StepKernel>map(this::openConditional).orElseGet(() -> openSession(step));
    }

    /** Only one of the two plans runs at a time, so they share an arena. */
    private ConditionalStep openConditional(Conditional conditional) {
        ByteBuffer arena = LoadedPlan.arenaOf(Math.max(conditional.whenTrue().crossing().bytes(), conditional.whenFalse().crossing().bytes()));
        CpuThreads inside = threads.inside();
        LoadedPlan whenTrue = null;
        try {
            whenTrue = openBody(conditional, Conditional.THEN, conditional.whenTrue(), inside, arena);
            LoadedPlan whenFalse = openBody(conditional, Conditional.ELSE, conditional.whenFalse(), inside, arena);
            return new ConditionalStep(
                    conditional, model.graph().node(conditional.node()).outputs(), whenTrue, whenFalse, inside, budgetBytes);
        } catch (RuntimeException e) {
            if (whenTrue != null) {
                whenTrue.close();
            }
            inside.close();
            throw e;
        }
    }

    private LoadedPlan openBody(Conditional conditional, String attribute, EnginePlan body, CpuThreads inside, ByteBuffer arena) {
        PreparedModel bodyModel = model.body(conditional.node(), attribute).orElseThrow(
                () -> new IllegalStateException("a plan was made for a sub-graph that cannot stand alone: " + body.model()));
        return LoadedPlan.open(body, bodyModel, options, spinning, inside, arena, environment);
    }

    private OrtSegment openSession(PlanStep step) {
        Path file;
        SessionSettings settings;
        List<String> inside = plan.placedInside(step);
        List<String> outputs = Stream.concat(step.outputs().stream(), inside.stream()).toList();
        if (plan.execution() == Execution.ONE_SESSION) {
            file = model.originalModel();
            settings = SessionSettings.of(step.threads(), spinning)
                    .withPoolCores(threads.poolCores(step.threads()))
                    .withDimensions(model.boundDimensions());
        } else {
            file = model.extract(step.nodes(), step.inputs(), outputs);
            boolean spins = step.threads() > 1 && spinning != Spinning.OFF;
            settings = SessionSettings.of(step.threads(), spins ? Spinning.WITHIN_RUN : Spinning.OFF)
                    .withPoolCores(threads.poolCores(step.threads()))
                    // Planned lifetimes inside a step hold for the graph's own nodes only.
                    .withExact(!inside.isEmpty());
        }
        return new OrtSegment(OrtSessions.open(environment, file, settings), step.inputs(), outputs, tensors);
    }
}
