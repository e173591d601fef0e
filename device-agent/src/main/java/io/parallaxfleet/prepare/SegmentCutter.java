package io.parallaxfleet.prepare;

import io.parallaxfleet.cache.CachedDirectory;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cuts models of their own out of an optimised model; their weights stay in its weights file. Thread-safe. */
final class SegmentCutter {
    private final OnnxModel model;
    private final ModelGraph graph;
    private final Map<String, ValueInfoProto> stated = new HashMap<>();

    SegmentCutter(OnnxModel model, ModelGraph graph) {
        this.model = model;
        this.graph = graph;
        model.inputs().forEach(info -> stated.put(info.getName(), info));
        model.proto().getGraph().getValueInfoList().forEach(info -> stated.put(info.getName(), info));
    }

    /** See {@link PreparedModel#extract}. */
    Path cut(List<Integer> nodes, List<String> inputs, List<String> outputs) {
        String key = nodes + "\n" + inputs + "\n" + outputs;
        Path file = model.path().resolveSibling("segment-" + ModelPreparation.shortHash(key) + ".onnx");
        GraphProto.Builder segment = GraphProto.newBuilder().setName(graph.name());
        Set<String> known = new HashSet<>();
        Set<String> constants = new LinkedHashSet<>();
        for (String input : inputs) {
            if (!graph.isInitializer(input) && known.add(input)) {
                segment.addInput(describe(input, true));
            }
        }
        for (int index : nodes) {
            Node node = graph.node(index);
            node.reads().forEach(tensor -> {
                if (graph.isInitializer(tensor)) {
                    constants.add(tensor);
                } else if (!known.contains(tensor)) {
                    throw new IllegalArgumentException("cannot cut " + nodes.size() + " nodes out of '" + model.path() + "': '"
                            + node.name() + "' reads '" + tensor + "', which is neither an input nor written before it");
                }
            });
            node.writes().forEach(known::add);
            segment.addNode(model.nodes().get(index));
        }
        for (String output : outputs) {
            if (graph.isInitializer(output)) {
                constants.add(output);
            } else if (!known.contains(output)) {
                throw new IllegalArgumentException("cannot cut " + nodes.size() + " nodes out of '" + model.path()
                        + "': nothing in them writes '" + output + "'");
            }
            segment.addOutput(describe(output, false));
        }
        constants.forEach(tensor -> segment.addInitializer(model.initializers().get(tensor)));
        ModelProto.Builder result = model.proto().toBuilder().setGraph(segment);
        return CachedDirectory.writeOnce(file, result.build()::writeTo);
    }

    private ValueInfoProto describe(String tensor, boolean isInput) {
        if (graph.type(tensor).isPresent()) {
            return TensorTypes.info(tensor, graph.type(tensor).get());
        }
        ValueInfoProto info = stated.get(tensor);
        if (info == null && isInput) {
            throw new IllegalArgumentException(
                    "cannot cut at '" + tensor + "': it is no dense tensor, so it must stay inside one segment");
        }
        return info == null ? ValueInfoProto.newBuilder().setName(tensor).build() : info;
    }
}
