package io.parallaxfleet.thresholds;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Optional;

/**
 * Holds the policy in force of one device. {@link #judge} changes nothing; {@link #commit} puts an accepted update in force
 * and, where there is a state file, first makes it the last good one, so that a restart resumes with it. Thread-safe.
 */
public final class ThresholdStore {
    private final ThresholdRules rules;
    private final Optional<PolicyFile> file;
    /** Epochs only grow. Guarded by this. */
    private PolicyInForce inForce;

    /** @param file where the last good policy is kept; empty: in memory only */
    public ThresholdStore(ThresholdRules rules, PolicyInForce start, Optional<PolicyFile> file) {
        this.rules = rules;
        this.inForce = start;
        this.file = file;
    }

    public synchronized PolicyInForce inForce() {
        return inForce;
    }

    /** What to do with the update, given what is in force now. */
    public synchronized ThresholdDecision judge(ThresholdUpdate update) {
        return rules.judge(update, inForce);
    }

    /** As {@link #judge(ThresholdUpdate)}, as if {@code assumed} were in force: for looking through a backlog of updates. */
    public ThresholdDecision judge(ThresholdUpdate update, PolicyInForce assumed) {
        return rules.judge(update, assumed);
    }

    /**
     * Puts the decided policy in force.
     *
     * @throws IllegalStateException when a newer epoch came into force since the decision was made
     * @throws java.io.UncheckedIOException when the state file cannot be written; the policy in force is then unchanged
     */
    public synchronized void commit(ThresholdDecision.Apply decision) {
        if (decision.next().epoch() <= inForce.epoch()) {
            throw new IllegalStateException("epoch " + decision.next().epoch() + " was decided before epoch " + inForce.epoch()
                    + " came into force");
        }
        file.ifPresent(state -> state.write(decision.next()));
        inForce = decision.next();
    }
}
