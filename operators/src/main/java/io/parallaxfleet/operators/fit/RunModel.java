package io.parallaxfleet.operators.fit;

import java.util.Objects;

/**
 * A model as a class runs it.
 *
 * @param key model file and bound shapes, as {@link Workload#modelKey} has it
 * @param name for people
 */
public record RunModel(String key, String name) {
    public RunModel {
        Objects.requireNonNull(key, "key");
        // Plans saved before names were kept have the key only.
        name = name == null ? key : name;
    }
}
