package io.parallaxfleet.schemas.registry;

import java.util.List;
import java.util.Optional;

/**
 * Where a registry keeps its schemas. A store has one writing registry; what {@code put} returned from is durable. Not
 * thread-safe: the registry serialises its calls.
 */
public interface SchemaStore extends AutoCloseable {
    /** An entry in the order of writing. */
    sealed interface Entry {
        record Version(StoredSchema schema) implements Entry {}

        /** A compatibility level; without a subject it is that of every subject that has none of its own. */
        record Level(Optional<String> subject, CompatibilityLevel level) implements Entry {}
    }

    /**
     * Everything that was put, in order.
     *
     * @throws SchemaRegistryException when the store cannot be read or holds what this registry does not speak
     */
    List<Entry> replay();

    /**
     * Keeps an entry; a later one of the same subject and version, or the same subject's level, replaces it.
     *
     * @throws SchemaRegistryException when the entry could not be made durable
     */
    void put(Entry entry);

    @Override
    void close();

    /** Forgets everything when the process ends. */
    static SchemaStore inMemory() {
        return new InMemorySchemaStore();
    }
}
