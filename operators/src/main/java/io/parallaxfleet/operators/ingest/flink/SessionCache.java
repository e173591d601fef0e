package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.operators.ingest.Session;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.ValueState;

/**
 * The sessions heard of last, as objects. State is read when a session is not among them and written when it makes room for
 * another or when a checkpoint asks; in between a session costs no access to a state backend that would make bytes of it. Not
 * thread-safe.
 */
final class SessionCache {
    /** Some 4 MiB of sequence windows. */
    static final int MAX_SESSIONS = 16_384;

    private final ValueState<Session> state;
    private final Consumer<Object> currentKey;
    // In the order of last use, oldest first.
    private final LinkedHashMap<String, Session> sessions = new LinkedHashMap<>(1024, 0.75f, true);

    /** @param currentKey tells the backend whose state is meant */
    SessionCache(ValueState<Session> state, Consumer<Object> currentKey) {
        this.state = state;
        this.currentKey = currentKey;
    }

    /** The session, which the caller may change; the backend's current key is the session's. */
    Session get(String key) throws IOException {
        Session session = sessions.get(key);
        if (session == null) {
            session = state.value();
            if (session == null) {
                session = new Session();
            }
            sessions.put(key, session);
            if (sessions.size() > MAX_SESSIONS) {
                evictOldest();
                currentKey.accept(key);
            }
        }
        return session;
    }

    private void evictOldest() throws IOException {
        Iterator<Map.Entry<String, Session>> all = sessions.entrySet().iterator();
        write(all.next());
        all.remove();
    }

    /** Writes what may have changed, which is all that was asked for since; what is written is then read anew. */
    void writeBack() throws IOException {
        for (Map.Entry<String, Session> session : sessions.entrySet()) {
            write(session);
        }
        sessions.clear();
    }

    private void write(Map.Entry<String, Session> session) throws IOException {
        currentKey.accept(session.getKey());
        state.update(session.getValue());
    }
}
