package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.AcceleratorRegion;
import io.parallaxfleet.execute.ExactSegments;
import io.parallaxfleet.execute.OrtSegment;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionFactory;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedArena;
import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Opens what runs a plan's steps: sessions, the plans of sub-graphs, regions on the accelerator. */
final class StepOpener {
    private final EnginePlan plan;
    private final PreparedModel model;
    private final EngineOptions options;
    private final Spinning spinning;
    private final CpuThreads threads;
    private final TensorStore tensors;
    private final LongSupplier budgetBytes;
    private final SessionFactory sessions;

    /**
     * @param budgetBytes memory budget of the run in progress
     * @param sessions makes the sessions
     */
    StepOpener(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads, TensorStore tensors,
            LongSupplier budgetBytes, SessionFactory sessions) {
        this.plan = plan;
        this.model = model;
        this.options = options;
        this.spinning = spinning;
        this.threads = threads;
        this.tensors = tensors;
        this.budgetBytes = budgetBytes;
        this.sessions = sessions;
    }

    /** The caller closes it. */
    AcceleratorRegion openOnAccelerator(Region region) {
        return new AcceleratorRegion(
                region, options.accelerator().orElseThrow().compile(model.graph(), region, model.constants()));
    }

    /** Opens a step on the CPU, wherever it was planned. The caller closes it. */
    StepKernel open(PlanStep step) {
        return step.controlFlow().<StepKernel>map(this::openBodies).orElseGet(() -> openSession(step));
    }

    private StepKernel openBodies(ControlFlow operator) {
        // Of an If only one of the two plans runs at a time, so they share an arena.
        ByteBuffer arena = LoadedPlan.arenaOf(
                operator.bodies().values().stream().mapToLong(body -> body.crossing().bytes()).max().orElseThrow());
        CpuThreads inside = threads.inside();
        Map<String, LoadedPlan> opened = new HashMap<>();
        try {
            operator.bodies().forEach((attribute, body) -> opened.put(attribute, openBody(operator.node(), attribute, body, inside, arena)));
            Node node = model.graph().node(operator.node());
            node.outputs().stream().filter(output -> !output.isEmpty()).forEach(tensors::expect);
            if (operator instanceof Conditional conditional) {
                return new ConditionalStep(conditional, node.outputs(), opened.get(Conditional.THEN), opened.get(Conditional.ELSE), inside,
                        budgetBytes);
            }
            return new IterationStep((Iteration) operator, node, opened.get(Iteration.BODY), inside, constantsOf(node), budgetBytes,
                    sessions.environment());
        } catch (RuntimeException e) {
            opened.values().forEach(LoadedPlan::close);
            inside.close();
            throw e;
        }
    }

    private LoadedPlan openBody(int node, String attribute, EnginePlan body, CpuThreads inside, ByteBuffer arena) {
        PreparedModel bodyModel = model.body(node, attribute).orElseThrow(
                () -> new IllegalStateException("a plan was made for a sub-graph that cannot stand alone: " + body.model()));
        return LoadedPlan.open(body, bodyModel, options, spinning, inside, arena, sessions);
    }

    /** The model's constants among what the operator itself reads; the caller closes them. */
    private Map<String, OnnxTensor> constantsOf(Node node) {
        Map<String, OnnxTensor> constants = new HashMap<>();
        try {
            for (String tensor : node.inputs()) {
                if (model.graph().isInitializer(tensor) && !constants.containsKey(tensor)) {
                    TensorType type = model.graph().type(tensor).orElseThrow();
                    ByteBuffer content = TensorStore.alignedDirect(Math.toIntExact(type.bytes()));
                    content.put(model.constants().constant(tensor)).flip();
                    constants.put(tensor, OnnxTensor.createTensor(
                            sessions.environment(), content, type.shape(), TensorStore.javaType(type.elementType()).orElseThrow()));
                }
            }
            return constants;
        } catch (OrtException e) {
            constants.values().forEach(OnnxTensor::close);
            throw new ModelFormatException("ONNX Runtime cannot hold the constants of " + model.originalModel() + ": " + e.getMessage(), e);
        }
    }

    private OrtSegment openSession(PlanStep step) {
        Path file;
        SessionSettings settings;
        List<String> inside = plan.placedInside(step);
        List<String> outputs = Stream.concat(step.outputs().stream(), inside.stream()).toList();
        if (plan.execution() == Execution.ONE_SESSION || plan.execution() == Execution.REWRITTEN) {
            file = plan.execution() == Execution.REWRITTEN ? RewrittenModel.file(model) : model.originalModel();
            settings = SessionSettings.of(step.threads(), spinning)
                    .withPoolCores(threads.poolCores(step.firstThread(), step.threads()))
                    .withDimensions(model.boundDimensions());
        } else {
            file = model.extract(step.nodes(), step.inputs(), outputs);
            boolean spins = step.threads() > 1 && spinning != Spinning.OFF;
            settings = SessionSettings.of(step.threads(), spins ? Spinning.WITHIN_RUN : Spinning.OFF)
                    .withPoolCores(threads.poolCores(step.firstThread(), step.threads()))
                    // Planned lifetimes inside a step hold for the graph's own nodes only.
                    .withExact(!inside.isEmpty());
            if (!ExactSegments.allows(model.graph(), step.nodes())) {
                // What such steps hold inside cannot lie in the plan's arena, and blocks would add up: one for each session.
                settings = settings.withTensorsOneByOne();
            }
        }
        // A session that takes its tensors in one block holds on to that block, in whatever arena.
        SharedArena.Lease arena = settings.oneBlock() || options.memory().sharing() == StorageSharing.WITHIN_STEPS
                ? new SharedArena.OwnArena("not asked for")
                : SharedArena.lease(sessions.environment());
        try {
            return new OrtSegment(sessions, OrtSessions.open(sessions, file, settings, arena), arena, settings.oneBlock(), step.inputs(),
                    outputs, tensors);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }
}
