package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.EmptyTensors;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A prepared model that lies in a folder of the cache.
 */
record OptimizedModel(
        String name,
        String modelHash,
        String shapeKey,
        Path originalModel,
        Map<String, Long> boundDimensions,
        ModelGraph graph,
        Path optimizedModel,
        ConstantSource constants,
        SegmentCutter cutter,
        PreparedBodies bodies)
        implements PreparedModel {

    static OptimizedModel open(String name, String modelHash, Path original, InputShapes shapes, Path folder) {
        OnnxModel model = OnnxModel.read(folder.resolve(GraphOptimizer.MODEL_FILE));
        Map<String, TensorType> types = new HashMap<>(model.inferredTypes());
        // The inputs are as bound, also where the file still names a dimension.
        types.putAll(shapes.types());
        ModelGraph graph = model.graph(name, types);
        requireTensorsThatFit(original, graph);
        EmptyTensors.requireNone(original.toString(), graph);
        return new OptimizedModel(
                name,
                modelHash,
                shapes.key(),
                original,
                shapes.dimensions(),
                graph,
                model.path(),
                model.constants(),
                new SegmentCutter(model, graph),
                new PreparedBodies(name, model, graph));
    }

    /** Shapes inside are known only once ONNX Runtime has inferred them; nothing has run yet. */
    private static void requireTensorsThatFit(Path original, ModelGraph graph) {
        for (Node node : graph.nodes()) {
            node.writes().filter(tensor -> graph.type(tensor).filter(TensorType::isTooLarge).isPresent()).findFirst().ifPresent(tensor -> {
                throw new ModelFormatException("'" + original + "': the operator '" + node.name() + "' (" + node.opType() + ") writes '" + tensor
                        + "' of the shape " + graph.type(tensor).orElseThrow().dimensions()
                        + ", which takes more than the 2 GiB of a tensor; run it at smaller shapes");
            });
        }
    }

    @Override
    public Path extract(List<Integer> nodes, List<String> inputs, List<String> outputs) {
        return cutter.cut(nodes, inputs, outputs);
    }

    @Override
    public Optional<PreparedModel> body(int node, String attribute) {
        return bodies.body(node, attribute);
    }
}
