package io.parallaxfleet.schemas.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * The registry's memory: subjects, their versions, ids and compatibility levels, each change kept in the store before it
 * can be seen. Thread-safe.
 */
final class SubjectCatalogue {
    /** An older reader of a topic may meet any past version, so the default looks at all of them. */
    static final CompatibilityLevel DEFAULT_LEVEL = CompatibilityLevel.BACKWARD_TRANSITIVE;

    /** A version with its schema parsed. */
    record Version(StoredSchema stored, Schema schema) {}

    private final SchemaStore store;
    private final Map<String, List<Version>> subjects = new TreeMap<>();
    private final Map<Integer, Schema> schemas = new HashMap<>();
    private final Map<String, Integer> idsByText = new HashMap<>();
    private final Map<String, CompatibilityLevel> subjectLevels = new HashMap<>();
    private CompatibilityLevel level = DEFAULT_LEVEL;
    /** Always above every id in {@link #schemas}. */
    private int nextId = 1;

    SubjectCatalogue(SchemaStore store) {
        this.store = store;
        store.replay().forEach(this::apply);
    }

    /** Registers a schema, or finds it under the subject. */
    synchronized Version register(String subject, String text) {
        Schema schema = parse(text);
        String canonical = schema.toString();
        List<Version> versions = subjects.getOrDefault(subject, List.of());
        for (Version version : versions) {
            if (version.schema().toString().equals(canonical)) {
                return version;
            }
        }
        CompatibilityLevel inForce = subjectLevels.getOrDefault(subject, level);
        inForce.violation(schema, versions.stream().map(Version::schema).toList()).ifPresent(why -> {
            throw RegistryRefusal.incompatible(subject, why);
        });
        int id = idsByText.getOrDefault(canonical, nextId);
        StoredSchema stored = new StoredSchema(subject, versions.size() + 1, id, canonical);
        keep(new SchemaStore.Entry.Version(stored));
        return new Version(stored, schema);
    }

    /** The version of a subject that has exactly this schema. */
    synchronized Version lookUp(String subject, String text) {
        String canonical = parse(text).toString();
        return versionsOf(subject).stream()
                .filter(version -> version.schema().toString().equals(canonical))
                .findFirst()
                .orElseThrow(() -> RegistryRefusal.noSuchSchema("subject '" + subject + "' has other schemas only"));
    }

    synchronized List<String> subjects() {
        return List.copyOf(subjects.keySet());
    }

    synchronized List<Integer> versionNumbers(String subject) {
        return versionsOf(subject).stream().map(version -> version.stored().version()).toList();
    }

    synchronized Version latest(String subject) {
        List<Version> versions = versionsOf(subject);
        return versions.get(versions.size() - 1);
    }

    synchronized Version version(String subject, int number) {
        List<Version> versions = versionsOf(subject);
        if (number < 1 || number > versions.size()) {
            throw RegistryRefusal.noSuchVersion(subject, number);
        }
        return versions.get(number - 1);
    }

    synchronized Schema byId(int id) {
        Schema schema = schemas.get(id);
        if (schema == null) {
            throw RegistryRefusal.noSuchSchema("no schema has id " + id);
        }
        return schema;
    }

    synchronized CompatibilityLevel level() {
        return level;
    }

    /** The level set for a subject itself. */
    synchronized CompatibilityLevel levelOf(String subject) {
        return Optional.ofNullable(subjectLevels.get(subject)).orElseThrow(() -> RegistryRefusal.noSubjectLevel(subject));
    }

    synchronized void setLevel(Optional<String> subject, CompatibilityLevel newLevel) {
        keep(new SchemaStore.Entry.Level(subject, newLevel));
    }

    private void keep(SchemaStore.Entry entry) {
        try {
            store.put(entry);
        } catch (SchemaRegistryException e) {
            throw RegistryRefusal.storeFailed(e.getMessage());
        }
        apply(entry);
    }

    private void apply(SchemaStore.Entry entry) {
        if (entry instanceof SchemaStore.Entry.Version added) {
            apply(added.schema());
        } else if (entry instanceof SchemaStore.Entry.Level changed) {
            changed.subject().ifPresentOrElse(
                    subject -> subjectLevels.put(subject, changed.level()), () -> level = changed.level());
        }
    }

    private void apply(StoredSchema stored) {
        Schema schema = parse(stored.text());
        List<Version> versions = subjects.computeIfAbsent(stored.subject(), ignored -> new ArrayList<>());
        if (stored.version() == versions.size() + 1) {
            versions.add(new Version(stored, schema));
        } else if (stored.version() <= versions.size()) {
            versions.set(stored.version() - 1, new Version(stored, schema));
        } else {
            throw new SchemaRegistryException("the schema store has version " + stored.version() + " of subject '"
                    + stored.subject() + "' but not version " + (versions.size() + 1)
                    + "; this registry does not speak deleted versions, use the registry that wrote the store");
        }
        schemas.put(stored.id(), schema);
        idsByText.putIfAbsent(schema.toString(), stored.id());
        nextId = Math.max(nextId, stored.id() + 1);
    }

    private List<Version> versionsOf(String subject) {
        List<Version> versions = subjects.get(subject);
        if (versions == null) {
            throw RegistryRefusal.noSuchSubject(subject);
        }
        return Collections.unmodifiableList(versions);
    }

    private static Schema parse(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (AvroRuntimeException | NullPointerException e) {
            // Avro 1.12 answers a name that it cannot resolve with a NullPointerException that says so.
            throw RegistryRefusal.invalidSchema(e.getMessage());
        }
    }
}
