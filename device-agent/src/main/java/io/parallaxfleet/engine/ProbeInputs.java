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

/**
 * Inputs to measure a model with: zeros, and where an input decides an If, both ways; a Loop that an input bounds makes
 * {@value #TRIPS} trips. Owns its tensors.
 */
final class ProbeInputs implements AutoCloseable {
    /** Enough for what happens once a Loop to weigh little. */
    private static final int TRIPS = 8;

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
        Set<String> trips = loopInputs(graph, 0);
        Set<String> started = loopInputs(graph, 1);
        ProbeInputs inputs = new ProbeInputs(conditions.isEmpty() ? List.of(new HashMap<>()) : List.of(new HashMap<>(), new HashMap<>()));
        try {
            for (int way = 0; way < inputs.ways.size(); way++) {
                for (String input : graph.inputs()) {
                    int content = trips.contains(input) ? TRIPS : conditions.contains(input) ? way : started.contains(input) ? 1 : 0;
                    inputs.ways.get(way).put(input, filled(environment, graph.type(input).orElseThrow(), (byte) content));
                }
            }
            return inputs;
        } catch (OrtException | RuntimeException e) {
            inputs.close();
            throw e;
        }
    }

    /** Tensors that Loops read at a position. */
    private static Set<String> loopInputs(ModelGraph graph, int position) {
        Set<String> read = new HashSet<>();
        graph.nodes().stream().filter(node -> node.is("Loop") && node.inputs().size() > position)
                .forEach(node -> read.add(node.inputs().get(position)));
        return read;
    }

    private static OnnxTensor filled(OrtEnvironment environment, TensorType type, byte content) throws OrtException {
        ByteBuffer buffer = TensorStore.alignedDirect(Math.toIntExact(type.bytes()));
        for (int position = 0; content != 0 && position < buffer.capacity(); position++) {
            // Of an integer the lowest byte, which comes first.
            boolean holds = type.elementType() == ElementType.BOOL || position % type.elementType().bytes() == 0;
            buffer.put(position, holds ? content : 0);
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
