package io.parallaxfleet.operators.state.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.junit.jupiter.api.Test;

class WriteBehindStateTest {
    private final Backend backend = new Backend();
    private final WriteBehindState<StringBuilder> cache =
            new WriteBehindState<>(backend, backend::select, StringBuilder::new, StringBuilder::new);

    @Test
    void readsAValueOnceHoweverOftenItIsAskedForAndSnapshotsAreTaken() throws IOException {
        StringBuilder first = cache.get("a");
        cache.writeBack();

        assertSame(first, cache.get("a"));
        assertEquals(1, backend.reads);
    }

    @Test
    void givesStateACopyThatTheSnapshotMayReadLater() throws IOException {
        StringBuilder value = cache.get("a");
        cache.writeBack();

        assertNotSame(value, backend.values.get("a"));
    }

    @Test
    void writesOnlyWhatWasAskedForSinceTheLastSnapshot() throws IOException {
        cache.get("a");
        cache.get("b");
        cache.writeBack();
        cache.get("b");
        cache.writeBack();

        assertEquals(3, backend.writes);
    }

    @Test
    void writesTheValueThatMakesRoom() throws IOException {
        StringBuilder oldest = cache.get("oldest");
        for (int i = 0; i < WriteBehindState.MAX_KEYS; i++) {
            cache.get("key " + i);
        }

        assertSame(oldest, backend.values.get("oldest"));
        assertSame(oldest, cache.get("oldest"));
    }

    @Test
    void showsWhoGoesThroughAllKeysTheNewestValue() throws IOException {
        StringBuilder kept = cache.get("a").append("newer than state");

        assertSame(kept, cache.peek("a"));
        assertNull(cache.peek("unheard of"));
    }

    @Test
    void makesNoRoomForWhatIsOnlyLookedAt() throws IOException {
        backend.values.put("looked at", new StringBuilder());
        cache.peek("looked at");
        cache.peek("looked at");

        assertEquals(2, backend.reads);
    }

    @Test
    void writesAChangeOfAKeyThatWasOnlyLookedAtAtOnce() throws IOException {
        backend.values.put("a", new StringBuilder());
        StringBuilder looked = cache.peek("a");
        cache.put("a", looked);

        assertEquals(1, backend.writes);
    }

    @Test
    void writesAChangeOfAKeyHeardOfLastWithTheNextSnapshot() throws IOException {
        cache.get("a");
        cache.writeBack();
        cache.put("a", cache.peek("a").append("looked at"));
        cache.writeBack();

        assertEquals("looked at", backend.values.get("a").toString());
        assertEquals(2, backend.writes);
    }

    @Test
    void forgetsAKeyHereAndInState() throws IOException {
        cache.get("a").append("old");
        cache.writeBack();
        cache.remove("a");

        assertNull(cache.peek("a"));
        assertEquals("", cache.get("a").toString());
    }

    /** Keyed state in a map. */
    private static final class Backend implements ValueState<StringBuilder> {
        final Map<Object, StringBuilder> values = new HashMap<>();
        private Object key;
        int reads;
        int writes;

        void select(Object newKey) {
            key = newKey;
        }

        @Override
        public StringBuilder value() {
            reads++;
            return values.get(key);
        }

        @Override
        public void update(StringBuilder value) {
            writes++;
            values.put(key, value);
        }

        @Override
        public void clear() {
            values.remove(key);
        }
    }
}
