package io.parallaxfleet.operators.state.flink;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.ValueState;

/**
 * The values of the keys heard of last, as objects. State is read when a key is not among them, and written when one that may have
 * changed makes room for another or when a checkpoint asks; in between a key costs no access to a state backend that would make bytes
 * of its value. Not thread-safe.
 */
public final class WriteBehindState<V> {
    /** Values of up to a few hundred bytes: some megabytes here, and as many in state that is kept as objects. */
    static final int MAX_KEYS = 16_384;

    private static final class Entry<V> {
        final V value;
        // Whether state may hold another.
        boolean changed;

        Entry(V value) {
            this.value = value;
        }
    }

    private final ValueState<V> state;
    private final Consumer<Object> currentKey;
    private final Supplier<V> first;
    private final UnaryOperator<V> copy;
    // In the order of last use, oldest first.
    private final LinkedHashMap<String, Entry<V>> values = new LinkedHashMap<>(1024, 0.75f, true);

    /**
     * @param currentKey tells the backend whose state is meant
     * @param first the value of a key that has none
     * @param copy makes another value that goes its own way
     */
    public WriteBehindState(ValueState<V> state, Consumer<Object> currentKey, Supplier<V> first, UnaryOperator<V> copy) {
        this.state = state;
        this.currentKey = currentKey;
        this.first = first;
        this.copy = copy;
    }

    /** The key's value, which the caller may change. The backend's current key may be another before and after. */
    public V get(String key) throws IOException {
        Entry<V> entry = values.get(key);
        if (entry == null) {
            currentKey.accept(key);
            V known = state.value();
            entry = new Entry<>(known == null ? first.get() : known);
            values.put(key, entry);
            if (values.size() > MAX_KEYS) {
                evictOldest();
            }
        }
        entry.changed = true;
        return entry.value;
    }

    private void evictOldest() throws IOException {
        Iterator<Map.Entry<String, Entry<V>>> all = values.entrySet().iterator();
        Map.Entry<String, Entry<V>> oldest = all.next();
        if (oldest.getValue().changed) {
            write(oldest.getKey(), oldest.getValue().value);
        }
        all.remove();
    }

    /** Writes what may have changed since it was last written; before each checkpoint. */
    public void writeBack() throws IOException {
        for (Map.Entry<String, Entry<V>> known : values.entrySet()) {
            Entry<V> entry = known.getValue();
            if (entry.changed) {
                // A snapshot reads what state holds while the values here go on changing.
                write(known.getKey(), copy.apply(entry.value));
                entry.changed = false;
            }
        }
    }

    /**
     * The value as it stands, or null where the key has none, for who goes through all keys: it makes no room here, or those heard of
     * last would go. Who changes it puts it.
     */
    public V peek(String key) throws IOException {
        Entry<V> entry = values.get(key);
        if (entry != null) {
            return entry.value;
        }
        currentKey.accept(key);
        return state.value();
    }

    /** The value that {@link #peek} gave has changed. */
    public void put(String key, V value) throws IOException {
        Entry<V> entry = values.get(key);
        if (entry == null) {
            write(key, value);
        } else {
            entry.changed = true;
        }
    }

    /** The key has no value any more. */
    public void remove(String key) {
        values.remove(key);
        currentKey.accept(key);
        state.clear();
    }

    private void write(String key, V value) throws IOException {
        currentKey.accept(key);
        state.update(value);
    }
}
