package io.parallaxfleet.operators.rollout.staged;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Several classes that regress together have a common cause that none of their tests looks for: a job that fits wrongly, a release
 * of the engine. All rollouts then stop until a person lets go. Not thread-safe.
 */
public final class FleetFreeze {
    private final int classes;
    private final Duration within;
    private final Map<String, Instant> rollbacks = new TreeMap<>();
    private boolean frozen;

    /** @param classes distinct classes whose rollouts were taken back {@code within} this time that freeze all; at least 2 */
    public FleetFreeze(int classes, Duration within) {
        if (classes < 2 || within.isNegative() || within.isZero()) {
            throw new IllegalArgumentException(classes + " classes within " + within + "; at least 2 within some time are needed");
        }
        this.classes = classes;
        this.within = within;
    }

    /** A rollout was taken back. Repetitions of one class count once. */
    public void onRollback(String deviceClass, Instant at) {
        rollbacks.merge(deviceClass, at, (a, b) -> a.isAfter(b) ? a : b);
        Instant from = at.minus(within);
        rollbacks.values().removeIf(earlier -> earlier.isBefore(from));
        frozen |= rollbacks.size() >= classes;
    }

    public boolean frozen() {
        return frozen;
    }

    /** A person has looked. */
    public void release() {
        rollbacks.clear();
        frozen = false;
    }
}
