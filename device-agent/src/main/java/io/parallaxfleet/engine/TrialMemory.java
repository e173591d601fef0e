package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a measurement at first use may hold. Its candidates are open all at once; where memory is short, fewer compete, and a model
 * that just fits is not measured at all.
 *
 * <p>Weights are taken once for each form of the graph, since the rewritten model reads a file of its own; in full for every candidate
 * where sessions cannot share them. Each candidate takes its arena, the weights of convolutions, which ONNX Runtime lays out for each session,
 * and what a session is beside them. Measured in processes of their own, further sessions of YOLOv8n took 31 to 56 MB (reckoned 43), of
 * DistilBERT 3 to 23 (20), of CLIP's text encoder 3 to 15 (17), of the Whisper encoder 79 to 105 (127).
 *
 * <p>Not thread-safe.
 */
final class TrialMemory {
    /** Operators, settings, threads and what a session's allocators keep: 3 to 23 MB were seen for models of 130 to 411 operators. */
    private static final long SESSION_BYTES = 16L << 20;

    private final boolean shared;
    private final long weightBytes;
    private final long laidOutBytes;
    private final Set<GraphForm> held = EnumSet.noneOf(GraphForm.class);
    private long leftBytes;
    /** Arenas of split plans lie in direct buffers, of which the JVM gives so many and no more. */
    private long leftDirectBytes = DirectMemory.leftBytes();

    /**
     * @param budgetBytes M_budget when the measurement begins
     * @param shared whether candidates hold their weights together
     */
    TrialMemory(PreparedModel model, long budgetBytes, boolean shared) {
        this.shared = shared;
        this.weightBytes = model.graph().initializers().values().stream()
                .filter(TensorType::isStatic)
                .mapToLong(TensorType::bytes)
                .sum();
        this.laidOutBytes = model.graph().nodes().stream()
                .filter(node -> node.opType().contains("Conv"))
                .mapToLong(node -> constantBytes(model.graph(), node))
                .sum();
        this.leftBytes = budgetBytes;
    }

    /** Of candidates that hold their weights together, as far as this process can. */
    static TrialMemory ofRivals(PreparedModel model, long budgetBytes, OrtEnvironment environment) {
        try (SharedWeights weights = SharedWeights.open(environment)) {
            return new TrialMemory(model, budgetBytes, weights.shares());
        }
    }

    private static long constantBytes(ModelGraph graph, Node node) {
        return node.reads()
                .filter(graph::isInitializer)
                .flatMap(tensor -> graph.type(tensor).stream())
                .filter(TensorType::isStatic)
                .mapToLong(TensorType::bytes)
                .sum();
    }

    /** Takes the room that a plan's sessions need; false, and nothing taken, when there is not so much. */
    boolean reserve(EnginePlan plan, GraphForm form) {
        long weights = !shared || !held.contains(form) ? weightBytes : laidOutBytes;
        long needed = weights + plan.arenaBytes() + SESSION_BYTES;
        if (needed > leftBytes || !plan.arenaFits() || plan.crossing().bytes() > leftDirectBytes) {
            return false;
        }
        held.add(form);
        leftBytes -= needed;
        leftDirectBytes -= plan.crossing().bytes();
        return true;
    }
}
