package io.parallaxfleet.schemas.registry;

import java.util.Objects;

/**
 * One version of one subject.
 *
 * @param subject e.g. {@code parallax.telemetry-value}
 * @param version from 1, without gaps
 * @param id the same schema has the same id under every subject
 * @param text the schema as JSON
 */
public record StoredSchema(String subject, int version, int id, String text) {
    public StoredSchema {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(text, "text");
        if (version < 1) {
            throw new IllegalArgumentException("subject '" + subject + "' has version " + version + "; versions start at 1");
        }
        if (id < 1) {
            throw new IllegalArgumentException("subject '" + subject + "' has schema id " + id + "; ids start at 1");
        }
    }
}
