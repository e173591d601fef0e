package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors that one run writes and the next reads: each has two places, which take turns. Not thread-safe while turns change;
 * owns its tensors.
 */
final class AlternatingTensors implements AutoCloseable {
    private static final int PLACES = 2;

    private record Place(ByteBuffer buffer, OnnxTensor tensor) {}

    private final Map<String, List<Place>> places = new HashMap<>();
    private int turn;

    AlternatingTensors(OrtEnvironment environment, Map<String, TensorType> types) throws OrtException {
        try {
            for (Map.Entry<String, TensorType> entry : types.entrySet()) {
                places.put(entry.getKey(), List.of(place(environment, entry.getValue()), place(environment, entry.getValue())));
            }
        } catch (OrtException e) {
            close();
            throw e;
        }
    }

    private static Place place(OrtEnvironment environment, TensorType type) throws OrtException {
        ByteBuffer buffer = TensorStore.alignedDirect(Math.toIntExact(type.bytes()));
        return new Place(buffer, OnnxTensor.createTensor(
                environment, buffer, type.shape(), TensorStore.javaType(type.elementType()).orElseThrow()));
    }

    /** Bytes of both places of a tensor. */
    static long bytes(TensorType type) {
        return PLACES * type.bytes();
    }

    boolean contains(String tensor) {
        return places.containsKey(tensor);
    }

    /** What was written before this stays for one more turn. */
    void nextTurn() {
        turn = (turn + 1) % PLACES;
    }

    OnnxTensor tensor(String name) {
        return places.get(name).get(turn).tensor();
    }

    ByteBuffer buffer(String name) {
        return places.get(name).get(turn).buffer();
    }

    @Override
    public void close() {
        places.values().forEach(both -> both.forEach(place -> place.tensor().close()));
        places.clear();
    }
}
