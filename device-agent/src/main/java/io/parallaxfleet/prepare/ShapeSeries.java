package io.parallaxfleet.prepare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Shapes that a model's inputs have in turn, as a command line gives them: {@code input_ids:1x32,1x64,1x128}; several inputs are
 * separated by semicolons and change together. An input that shares its open dimensions with these need not be given. Immutable.
 *
 * @param inputs for each input given its shapes, as many for each
 */
public record ShapeSeries(Map<String, List<List<Long>>> inputs) {
    public ShapeSeries {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("no shapes are given; write them as INPUT:1x32,1x64");
        }
        int shapes = inputs.values().iterator().next().size();
        inputs.forEach((input, of) -> {
            if (of.size() != shapes) {
                throw new IllegalArgumentException("the input '" + input + "' has " + of.size() + " shapes and another has " + shapes
                        + "; they change together, so give as many for each");
            }
        });
        inputs = Map.copyOf(inputs);
    }

    /** @throws IllegalArgumentException for what is no such text; says how it is written */
    public static ShapeSeries parse(String text) {
        Map<String, List<List<Long>>> inputs = new LinkedHashMap<>();
        for (String part : text.split(";")) {
            // Names of tensors may hold colons, shapes do not.
            int colon = part.lastIndexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("the shapes '" + part + "' name no input; write them as INPUT:1x32,1x64");
            }
            List<List<Long>> shapes = Arrays.stream(part.substring(colon + 1).split(",")).map(shape -> shape(part, shape)).toList();
            if (inputs.put(part.substring(0, colon).strip(), shapes) != null) {
                throw new IllegalArgumentException("the shapes of '" + part.substring(0, colon) + "' are given twice; list them once");
            }
        }
        return new ShapeSeries(inputs);
    }

    private static List<Long> shape(String part, String text) {
        try {
            List<Long> dimensions = Arrays.stream(text.strip().split("x")).map(Long::valueOf).toList();
            if (dimensions.stream().allMatch(dimension -> dimension >= 1)) {
                return dimensions;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new IllegalArgumentException(
                "'" + text + "' in the shapes '" + part + "' is no shape; write whole numbers of at least 1, as in 1x32");
    }

    /** How many shapes there are. */
    public int size() {
        return inputs.values().iterator().next().size();
    }

    /**
     * What each shape makes of the model's open dimensions, in order.
     *
     * @param others values of dimensions that the inputs given leave open
     * @throws IllegalArgumentException when the model has no such input, or not of that shape; names the input
     */
    public List<Map<String, Long>> dimensions(Path model, Map<String, Long> others) {
        OpenDimensions open = OpenDimensions.of(model);
        List<Map<String, Long>> values = new ArrayList<>();
        for (int position = 0; position < size(); position++) {
            Map<String, Long> bound = new TreeMap<>(others);
            for (Map.Entry<String, List<List<Long>>> input : inputs.entrySet()) {
                long[] shape = input.getValue().get(position).stream().mapToLong(Long::longValue).toArray();
                bound.putAll(open.valuesOf(input.getKey(), shape));
            }
            values.add(bound);
        }
        return values;
    }
}
