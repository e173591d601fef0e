package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sets of layers that gain by running side by side, found by a {@link LayerProbe} of the graph and of every sub-graph that can run
 * by a plan of its own. Proposals: whole runs decide.
 */
final class LayerProposals {
    private static final int WARM_UP_RUNS = 1;
    private static final int PROBE_RUNS = 7;
    /** A gain of a layer that survives a cut on each side of it. */
    private static final long CLEAR_GAIN_NANOS = 50_000;
    private static final double CLEAR_GAIN_SHARE = 0.10;

    private final EngineOptions options;
    private final Spinning spinning;
    private final CpuThreads threads;
    private final OrtEnvironment environment;
    private final long budgetBytes;

    /** What gains of a graph: anything at all, and clearly. */
    private record Gains(SideBySide anything, SideBySide clearly) {
        static final Gains NONE = new Gains(new SideBySide.Nowhere(), new SideBySide.Nowhere());
    }

    /**
     * @param spinning what the threads of wide steps do while they wait
     * @param budgetBytes what a probe may hold; a graph that needs more is not probed
     */
    LayerProposals(EngineOptions options, Spinning spinning, CpuThreads threads, OrtEnvironment environment, long budgetBytes) {
        this.options = options;
        this.spinning = spinning;
        this.threads = threads;
        this.environment = environment;
        this.budgetBytes = budgetBytes;
    }

    /** The proposals, the larger first; empty where no layer gains. */
    Set<SideBySide> of(PreparedModel model) throws OrtException {
        Gains gains = gains(model);
        Set<SideBySide> proposals = new LinkedHashSet<>(List.of(gains.anything()));
        proposals.add(gains.clearly());
        proposals.remove(new SideBySide.Nowhere());
        return proposals;
    }

    private Gains gains(PreparedModel model) throws OrtException {
        if (!ProbeInputs.canBeMadeFor(model.graph())) {
            return Gains.NONE;
        }
        Map<String, SideBySide> anythingInside = new HashMap<>();
        Map<String, SideBySide> clearlyInside = new HashMap<>();
        for (Node node : model.graph().nodes()) {
            for (String attribute : ControlFlow.bodiesOf(node)) {
                Optional<PreparedModel> body = model.body(node.index(), attribute);
                if (body.isPresent()) {
                    Gains inside = gains(body.get());
                    String name = ControlFlow.bodyName(node.index(), attribute);
                    put(anythingInside, name, inside.anything());
                    put(clearlyInside, name, inside.clearly());
                }
            }
        }
        Optional<LayerProbe> probe = probe(model, WARM_UP_RUNS, PROBE_RUNS);
        return new Gains(
                measured(probe.map(layers -> layers.gaining(0, 0)).orElse(Set.of()), anythingInside),
                measured(probe.map(layers -> layers.gaining(CLEAR_GAIN_NANOS, CLEAR_GAIN_SHARE)).orElse(Set.of()), clearlyInside));
    }

    private static void put(Map<String, SideBySide> bodies, String name, SideBySide inside) {
        if (!(inside instanceof SideBySide.Nowhere)) {
            bodies.put(name, inside);
        }
    }

    private static SideBySide measured(Set<Integer> operators, Map<String, SideBySide> bodies) {
        return operators.isEmpty() && bodies.isEmpty() ? new SideBySide.Nowhere() : new SideBySide.Measured(operators, bodies);
    }

    /** The graph's own layers after some runs of each way in turns; empty where none could run side by side, or there is no room. */
    Optional<LayerProbe> probe(PreparedModel model, int warmUpRuns, int runs) throws OrtException {
        EnginePlan everywhere = EnginePlanner.plan(
                model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Everywhere(), options.threads());
        if (everywhere.execution() != Execution.SPLIT) {
            return Optional.empty();
        }
        EnginePlan wide = EnginePlanner.planWithLayersAlone(model, options.threads());
        TrialMemory memory = TrialMemory.ofRivals(model, budgetBytes, environment);
        if (!memory.reserve(everywhere, GraphForm.ORIGINAL) || !memory.reserve(wide, GraphForm.ORIGINAL)) {
            return Optional.empty();
        }
        LayerProbe probe = new LayerProbe(everywhere, wide);
        try (ProbeInputs inputs = ProbeInputs.of(model.graph(), environment);
                SharedWeights weights = SharedWeights.open(environment);
                LoadedPlan side = LoadedPlan.open(everywhere, model, options, spinning, threads, weights);
                LoadedPlan alone = LoadedPlan.open(wide, model, options, spinning, threads, weights)) {
            Map<String, OnnxTensor> fed = inputs.ways().get(0);
            for (int run = -warmUpRuns; run < runs; run++) {
                side.run(everywhere, Long.MAX_VALUE, fed);
                alone.run(wide, Long.MAX_VALUE, fed);
                if (run >= 0) {
                    probe.sideBySideRan(side.record()::startNanos, side.record()::endNanos);
                    probe.wideRan(alone.record()::startNanos, alone.record()::endNanos);
                }
            }
        }
        return Optional.of(probe);
    }
}
