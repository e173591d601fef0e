package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.StringStringEntryProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Where an initialiser's bytes lie beside the model file.
 *
 * @param file absolute path, inside the model's folder
 * @param length bytes; empty: to the end of what the type needs
 */
public record ExternalData(Path file, long offset, OptionalLong length) {
    /**
     * Reads the entry of an initialiser that is stored externally.
     *
     * @throws ModelFormatException when the location is missing, absolute or leaves the model's folder, or a number does not
     *     parse
     */
    public static ExternalData of(Path model, TensorProto tensor) {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        String location = entries.getOrDefault("location", "");
        Path folder = model.toAbsolutePath().normalize().getParent();
        Path file = resolve(folder, location);
        // A model from elsewhere must not make us read files of its choice. Backslashes lead out of a folder on other systems.
        if (location.isEmpty() || location.startsWith("/") || location.contains("\\") || !file.startsWith(folder) || file.equals(folder)) {
            throw new ModelFormatException("'" + model + "': the weights of '" + tensor.getName() + "' lie at '" + location
                    + "', outside the model's folder; put them beside the model and export again");
        }
        OptionalLong length =
                entries.containsKey("length") ? OptionalLong.of(number(model, tensor, entries, "length")) : OptionalLong.empty();
        return new ExternalData(file, entries.containsKey("offset") ? number(model, tensor, entries, "offset") : 0, length);
    }

    /** The file, or the root, which is outside every folder, where the name is none. */
    private static Path resolve(Path folder, String location) {
        try {
            return folder.resolve(location).normalize();
        } catch (InvalidPathException e) {
            return folder.getRoot();
        }
    }

    private static long number(Path model, TensorProto tensor, Map<String, String> entries, String key) {
        try {
            long value = Long.parseLong(entries.get(key));
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message for both.
        }
        throw new ModelFormatException("'" + model + "': the external " + key + " of '" + tensor.getName() + "' is '" + entries.get(key)
                + "', not a number of bytes; export the model again");
    }
}
