package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Inputs to measure a model with: zeros, and where an input decides an If, both ways. Owns its tensors. */
final class ProbeInputs implements AutoCloseable {
    private final List<Map<String, OnnxTensor>> ways;

    private ProbeInputs(List<Map<String, OnnxTensor>> ways) {
        this.ways = ways;
    }

    /** Whether inputs can be made: all shapes are known and Java can wrap them. */
    static boolean canBeMadeFor(ModelGraph graph) {
        return graph.inputs().stream().allMatch(input -> graph.type(input)
                .filter(type -> type.isStatic() && TensorStore.javaType(type.elementType()).isPresent())
                .isPresent());
    }

    static ProbeInputs of(ModelGraph graph, OrtEnvironment environment) throws OrtException {
        Set<String> conditions = new HashSet<>();
        graph.nodes().stream().filter(node -> node.is("If")).map(Node::inputs).forEach(conditions::addAll);
        conditions.retainAll(graph.inputs());
        ProbeInputs inputs = new ProbeInputs(conditions.isEmpty() ? List.of(new HashMap<>()) : List.of(new HashMap<>(), new HashMap<>()));
        try {
            for (int way = 0; way < inputs.ways.size(); way++) {
                for (String input : graph.inputs()) {
                    byte content = (byte) (conditions.contains(input) ? way : 0);
                    inputs.ways.get(way).put(input, filled(environment, graph.type(input).orElseThrow(), content));
                }
            }
            return inputs;
        } catch (OrtException | RuntimeException e) {
            inputs.close();
            throw e;
        }
    }

    private static OnnxTensor filled(OrtEnvironment environment, TensorType type, byte content) throws OrtException {
        ByteBuffer buffer = TensorStore.alignedDirect(Math.toIntExact(type.bytes()));
        if (type.elementType() == ElementType.BOOL) {
            while (buffer.hasRemaining()) {
                buffer.put(content);
            }
            buffer.flip();
        }
        return OnnxTensor.createTensor(environment, buffer, type.shape(), TensorStore.javaType(type.elementType()).orElseThrow());
    }

    /** At least one; runs by all of them make one measurement. */
    List<Map<String, OnnxTensor>> ways() {
        return ways;
    }

    @Override
    public void close() {
        ways.forEach(way -> way.values().forEach(OnnxTensor::close));
    }
}
