package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Epochs that devices run though no update with them has come here yet. Mostly it is on its way: devices and the job read one topic, and
 * neither waits for the other. A device that took such an epoch for one without a trial would lose the past that the trial is to compare
 * it with. An epoch whose update does not come within {@link #PATIENCE} is taken as it is: its update is older than what the topic keeps,
 * or was never on it. Not thread-safe.
 */
public final class EpochsToCome {
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private record Seen(long epoch, long sinceNanos) {}

    private final LongSupplier nanos;
    private final Map<ClassKey, Seen> seen = new HashMap<>();

    public EpochsToCome(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Whether to leave out an inference under this epoch, because its update may be on its way.
     *
     * @param newest the highest epoch of the class whose update has come
     */
    public boolean awaits(ClassKey key, long epoch, long newest) {
        if (epoch <= newest) {
            return false;
        }
        Seen first = seen.get(key);
        if (first == null || first.epoch() < epoch) {
            first = new Seen(epoch, nanos.getAsLong());
            seen.put(key, first);
        }
        return nanos.getAsLong() - first.sinceNanos() < PATIENCE.toNanos();
    }
}
