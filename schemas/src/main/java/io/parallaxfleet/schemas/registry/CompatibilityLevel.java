package io.parallaxfleet.schemas.registry;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * What a new schema of a subject must be able to do with the subject's past ones; the names are Confluent's. The levels
 * without {@code TRANSITIVE} look at the latest version only.
 */
public enum CompatibilityLevel {
    NONE(false, false, false),
    /** The new schema reads what the latest one wrote. */
    BACKWARD(true, false, false),
    /** The new schema reads what every past one wrote. */
    BACKWARD_TRANSITIVE(true, false, true),
    /** The latest schema reads what the new one writes. */
    FORWARD(false, true, false),
    /** Every past schema reads what the new one writes. */
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean newReadsOld;
    private final boolean oldReadsNew;
    private final boolean transitive;

    CompatibilityLevel(boolean newReadsOld, boolean oldReadsNew, boolean transitive) {
        this.newReadsOld = newReadsOld;
        this.oldReadsNew = oldReadsNew;
        this.transitive = transitive;
    }

    /** The level of a name, in any case; empty for a name that is none. */
    public static Optional<CompatibilityLevel> named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (CompatibilityLevel level : values()) {
            if (level.name().equals(upper)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /**
     * Why a candidate breaks this level; empty when it does not.
     *
     * @param past the subject's versions, oldest first
     */
    public Optional<String> violation(Schema candidate, List<Schema> past) {
        int first = transitive ? 0 : Math.max(0, past.size() - 1);
        for (int i = first; i < past.size(); i++) {
            String version = "version " + (i + 1);
            if (newReadsOld) {
                Optional<String> reason = unreadable(candidate, past.get(i));
                if (reason.isPresent()) {
                    return Optional.of("the new schema cannot read records of " + version + ": " + reason.get());
                }
            }
            if (oldReadsNew) {
                Optional<String> reason = unreadable(past.get(i), candidate);
                if (reason.isPresent()) {
                    return Optional.of(version + " cannot read records of the new schema: " + reason.get());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> unreadable(Schema reader, Schema writer) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
        if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) {
            return Optional.empty();
        }
        return Optional.of(result.getIncompatibilities().stream()
                .map(found -> found.getType() + " at " + found.getLocation() + " (" + found.getMessage() + ")")
                .reduce((a, b) -> a + "; " + b)
                .orElse("incompatible"));
    }
}
