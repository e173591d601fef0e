package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Made-up inputs of a model, the same in every process and for every contender. Closing gives their memory back.
 *
 * @param tensors by the inputs' names
 */
public record ModelInputs(Map<String, OnnxTensor> tensors) implements AutoCloseable {
    private static final long SEED = 42;

    public ModelInputs {
        tensors = Map.copyOf(tensors);
    }

    /** @throws ModelFormatException when an input has a type that none can be made of */
    public static ModelInputs of(PreparedModel model) {
        Map<String, TensorType> types = new LinkedHashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        return of(model.originalModel(), types);
    }

    /** The same for inputs whose types are known otherwise. */
    static ModelInputs of(Path model, Map<String, TensorType> types) {
        try {
            return new ModelInputs(SyntheticInputs.create(OrtEnvironment.getEnvironment(), types, SEED));
        } catch (OrtException e) {
            throw new ModelFormatException("no inputs can be made for " + model + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
    }
}
