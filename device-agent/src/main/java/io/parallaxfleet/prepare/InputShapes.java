package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.TypeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A model's inputs with a value for every dimension.
 *
 * @param types bound types by input, in name order
 * @param dimensions values of the dimensions that the file leaves open, by name; a dimension without a name is called
 *     {@code INPUT.AXIS}
 * @param anonymous whether a dimension had no name, so that the file has to be rewritten to bind it
 */
record InputShapes(Map<String, TensorType> types, Map<String, Long> dimensions, boolean anonymous) {
    /** What ONNX Runtime for Java can make a tensor of. */
    private static final Set<ElementType> FEEDABLE = EnumSet.of(
            ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.INT8, ElementType.UINT8,
            ElementType.INT16, ElementType.INT32, ElementType.INT64, ElementType.BOOL);

    InputShapes {
        types = Collections.unmodifiableMap(new TreeMap<>(types));
        dimensions = Collections.unmodifiableMap(new TreeMap<>(dimensions));
    }

    /**
     * Binds every open dimension.
     *
     * @param defaults values that are used where the user gives none; names the model does not have are ignored
     * @param given the user's values; every name must be the model's
     * @throws ModelFormatException when a dimension stays open, a name is unknown, a value is below 1, or an input is not a
     *     tensor that can be fed
     */
    static InputShapes bind(OnnxModel model, Map<String, Long> defaults, Map<String, Long> given) {
        Path path = model.path();
        Map<String, TensorType> types = new TreeMap<>();
        Map<String, Long> used = new TreeMap<>();
        Set<String> open = new TreeSet<>();
        boolean anonymous = false;
        for (ValueInfoProto input : model.inputs()) {
            ElementType element = elementType(path, input);
            List<Long> shape = new ArrayList<>();
            for (TensorShapeProto.Dimension dimension : input.getType().getTensorType().getShape().getDimList()) {
                if (isFixed(dimension)) {
                    shape.add(dimension.getDimValue());
                    continue;
                }
                String name = dimensionName(input.getName(), shape.size(), dimension);
                open.add(name);
                anonymous |= dimension.getDimParam().isEmpty();
                Long value = given.containsKey(name) ? given.get(name) : defaults.get(name);
                if (value == null) {
                    throw new ModelFormatException("'" + path + "': the dimension '" + name + "' (axis " + shape.size()
                            + " of the input '" + input.getName() + "') has no value; give one with --dim " + name + "=VALUE");
                }
                if (value < 1) {
                    throw new ModelFormatException("'" + path + "': the dimension '" + name + "' is " + value
                            + "; give a value of at least 1 with --dim " + name + "=VALUE");
                }
                used.put(name, value);
                shape.add(value);
            }
            TensorType type = new TensorType(element, shape);
            if (type.isTooLarge()) {
                throw new ModelFormatException("'" + path + "': the input '" + input.getName() + "' of the shape " + shape
                        + " takes more than the 2 GiB of a tensor; give smaller dimensions, with --dim where they are open");
            }
            types.put(input.getName(), type);
        }
        for (String name : new TreeSet<>(given.keySet())) {
            if (!open.contains(name)) {
                throw new ModelFormatException("'" + path + "' has no open dimension '" + name + "' for --dim; "
                        + (open.isEmpty() ? "all its shapes are fixed" : "it has " + String.join(", ", open)));
            }
        }
        return new InputShapes(types, used, anonymous);
    }

    private static ElementType elementType(Path path, ValueInfoProto input) {
        TypeProto type = input.getType();
        if (!type.hasTensorType()) {
            throw new ModelFormatException("'" + path + "': the input '" + input.getName()
                    + "' is not a dense tensor; export the model with tensor inputs");
        }
        if (!type.getTensorType().hasShape()) {
            throw new ModelFormatException("'" + path + "': the input '" + input.getName()
                    + "' has no shape; export the model with at least the number of its dimensions");
        }
        int code = type.getTensorType().getElemType();
        return ElementType.ofOnnxCode(code)
                .filter(FEEDABLE::contains)
                .orElseThrow(() -> new ModelFormatException("'" + path + "': the input '" + input.getName() + "' is of type "
                        + TensorTypes.name(code) + ", which cannot be run; export it as one of "
                        + FEEDABLE.stream().map(element -> TensorTypes.name(element.onnxCode())).collect(Collectors.joining(", "))));
    }

    static boolean isFixed(TensorShapeProto.Dimension dimension) {
        return dimension.hasDimValue() && dimension.getDimValue() >= 0;
    }

    static String dimensionName(String input, int axis, TensorShapeProto.Dimension dimension) {
        return dimension.getDimParam().isEmpty() ? input + "." + axis : dimension.getDimParam();
    }

    /** The shapes as one text: {@code attention_mask:1x128,input_ids:1x128}; a tensor without dimensions is a {@code scalar}. */
    String key() {
        return key(types);
    }

    /** The input shapes of a graph as one text; a dimension that only the run decides is a {@code ?}. */
    static String key(ModelGraph graph) {
        Map<String, TensorType> types = new TreeMap<>();
        graph.inputs().forEach(input -> graph.type(input).ifPresent(type -> types.put(input, type)));
        return key(types);
    }

    private static String key(Map<String, TensorType> types) {
        return types.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + (entry.getValue().rank() == 0 ? "scalar" : text(entry.getValue().dimensions())))
                .collect(Collectors.joining(","));
    }

    private static String text(List<Long> dimensions) {
        return dimensions.stream()
                .map(dimension -> dimension == TensorType.DYNAMIC ? "?" : String.valueOf(dimension))
                .collect(Collectors.joining("x"));
    }
}
