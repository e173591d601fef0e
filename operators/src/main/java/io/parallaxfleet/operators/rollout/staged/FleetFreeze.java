package io.parallaxfleet.operators.rollout.staged;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Several classes that regress together have a common cause that none of their tests looks for: a job that fits wrongly, a release
 * of the engine. All rollouts then stop, each until a person lets its class go on. Not thread-safe.
 */
public final class FleetFreeze {
    final Map<String, Instant> rollbacks = new TreeMap<>();

    /**
     * A rollout was taken back. Repetitions of one class count once.
     *
     * @param classes distinct classes whose rollouts were taken back {@code within} this time that freeze all; at least 2
     * @return the classes, where they are enough to freeze all; the next freeze takes as many again
     */
    public Optional<SortedSet<String>> onRollback(String deviceClass, Instant at, int classes, Duration within) {
        if (classes < 2 || within.isNegative() || within.isZero()) {
            throw new IllegalArgumentException(classes + " classes within " + within + "; at least 2 within some time are needed");
        }
        rollbacks.merge(deviceClass, at, (a, b) -> a.isAfter(b) ? a : b);
        Instant from = at.minus(within);
        rollbacks.values().removeIf(earlier -> earlier.isBefore(from));
        if (rollbacks.size() < classes) {
            return Optional.empty();
        }
        SortedSet<String> regressed = new TreeSet<>(rollbacks.keySet());
        rollbacks.clear();
        return Optional.of(regressed);
    }
}
