package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.EmptyTensors;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The input dimensions that a model leaves open, and what shapes of inputs make of them. Immutable. */
public final class OpenDimensions {
    private final String model;
    /** By input; a dimension is a {@link Long}, or the name of an open one. */
    private final Map<String, List<Object>> inputs = new LinkedHashMap<>();
    /** An operator that cannot run on empty tensors. */
    private final Optional<String> wantsElements;

    private OpenDimensions(OnnxModel model) {
        this.model = model.path().toString();
        this.wantsElements = EmptyTensors.operatorIn(model.proto().getGraph().getNodeList());
        for (ValueInfoProto input : model.inputs()) {
            List<TensorShapeProto.Dimension> shape = input.getType().getTensorType().getShape().getDimList();
            Object[] dimensions = new Object[shape.size()];
            for (int axis = 0; axis < dimensions.length; axis++) {
                TensorShapeProto.Dimension dimension = shape.get(axis);
                dimensions[axis] = InputShapes.isFixed(dimension)
                        ? (Object) dimension.getDimValue()
                        : InputShapes.dimensionName(input.getName(), axis, dimension);
            }
            inputs.put(input.getName(), List.of(dimensions));
        }
    }

    /** @throws ModelFormatException when the file is no usable model */
    public static OpenDimensions of(Path model) {
        return new OpenDimensions(OnnxModel.read(model));
    }

    /**
     * The values of the open dimensions of one input, by name.
     *
     * @throws IllegalArgumentException when the model has no such input, or not of that shape
     */
    Map<String, Long> valuesOf(String input, long[] shape) {
        if (!inputs.containsKey(input)) {
            throw new IllegalArgumentException("model '" + model + "' has no input '" + input + "'; it has " + inputs.keySet());
        }
        Map<String, Long> values = new TreeMap<>();
        addValues(input, shape, values);
        return values;
    }

    /**
     * The value of every open dimension, by name: what {@link ModelPreparation#prepare} wants.
     *
     * @param shapeOf the shape of an input; null where the input is not given
     * @throws IllegalArgumentException when an input is missing, has another rank or fixed dimension than the model's, two
     *     inputs give one dimension different values, or a dimension is 0 and the model may not survive that; names the input
     */
    public Map<String, Long> valuesFor(Function<String, long[]> shapeOf) {
        Map<String, Long> values = new TreeMap<>();
        inputs.forEach((input, dimensions) -> {
            long[] shape = shapeOf.apply(input);
            if (shape == null) {
                throw new IllegalArgumentException("model '" + model + "' wants the input '" + input + "', which is not given");
            }
            addValues(input, shape, values);
        });
        if (values.containsValue(0L) && wantsElements.isPresent()) {
            throw new IllegalArgumentException("the inputs of model '" + model + "' are empty (" + values + "), and its operator '"
                    + wantsElements.get() + " would end the process; give it dimensions above 0");
        }
        return values;
    }

    private void addValues(String input, long[] shape, Map<String, Long> values) {
        List<Object> dimensions = inputs.get(input);
        boolean fits = shape.length == dimensions.size();
        for (int axis = 0; fits && axis < shape.length; axis++) {
            Object expected = dimensions.get(axis) instanceof String name ? values.putIfAbsent(name, shape[axis]) : dimensions.get(axis);
            fits = expected == null || expected.equals(shape[axis]);
        }
        if (!fits) {
            throw new IllegalArgumentException("the input '" + input + "' of model '" + model + "' is " + dimensions + ", not "
                    + Arrays.toString(shape) + (values.isEmpty() ? "" : "; other inputs give " + values));
        }
    }
}
