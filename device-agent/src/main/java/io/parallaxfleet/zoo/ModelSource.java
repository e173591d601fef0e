package io.parallaxfleet.zoo;

import java.nio.file.Path;
import java.util.Map;

/**
 * A model that can be run: a catalogue entry materialised in the cache, or the user's own file.
 *
 * @param name short name for telemetry and tables
 * @param path the .onnx file
 * @param defaultDimensions values for symbolic dimensions; the user's own win over these
 */
public record ModelSource(String name, Path path, Map<String, Long> defaultDimensions) {
    public ModelSource {
        defaultDimensions = Map.copyOf(defaultDimensions);
    }
}
