package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.SequenceWindow;
import io.parallaxfleet.operators.fit.DelegationContrast;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is remembered of one start of one agent: which records have been seen, what its device's delegation saved, and records whose
 * plan has not come yet. Not thread-safe.
 */
public final class Session {
    /** Records that wait for their plan; the oldest make room. */
    static final int MAX_WAITING = 64;

    final SequenceWindow seen;
    final Deque<RawInference> waiting = new ArrayDeque<>(0);
    // Null until there is something to contrast: most of a big fleet's state is sessions.
    DelegationContrast contrast;

    public Session() {
        this(new SequenceWindow(), null);
    }

    Session(SequenceWindow seen, DelegationContrast contrast) {
        this.seen = seen;
        this.contrast = contrast;
    }

    /** Another that goes its own way from here on. */
    public Session copy() {
        Session copy = new Session(seen.copy(), contrast == null ? null : contrast.copy());
        copy.waiting.addAll(waiting);
        return copy;
    }

    DelegationContrast contrast() {
        if (contrast == null) {
            contrast = new DelegationContrast();
        }
        return contrast;
    }

    /** @return whether an older record had to make room */
    boolean await(RawInference inference) {
        waiting.addLast(inference);
        if (waiting.size() > MAX_WAITING) {
            waiting.removeFirst();
            return true;
        }
        return false;
    }
}
