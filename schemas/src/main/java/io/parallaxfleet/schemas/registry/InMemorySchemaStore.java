package io.parallaxfleet.schemas.registry;

import java.util.ArrayList;
import java.util.List;

/** Keeps the entries in a list. */
final class InMemorySchemaStore implements SchemaStore {
    private final List<Entry> entries = new ArrayList<>();

    @Override
    public List<Entry> replay() {
        return List.copyOf(entries);
    }

    @Override
    public void put(Entry entry) {
        entries.add(entry);
    }

    @Override
    public void close() {
        // Nothing outside the heap is held.
    }
}
