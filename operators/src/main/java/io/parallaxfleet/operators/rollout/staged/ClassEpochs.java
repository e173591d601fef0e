package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.util.Objects;
import java.util.Optional;

/**
 * What a class runs, as the thresholds topic says it. Updates may come again and in any order: only higher epochs count. Immutable.
 *
 * @param baselineEpoch of the newest update for the whole class; 0 before the first
 * @param trial what a share of it tries under a higher epoch
 */
public record ClassEpochs(long baselineEpoch, Optional<Trial> trial) {
    public static final ClassEpochs NONE = new ClassEpochs(0, Optional.empty());

    public ClassEpochs {
        Objects.requireNonNull(trial, "trial");
        if (trial.isPresent() && trial.get().epoch() <= baselineEpoch) {
            throw new IllegalArgumentException("trial of epoch " + trial.get().epoch() + " beside epoch " + baselineEpoch);
        }
    }

    /** Of the trial, or without one of the whole class. */
    public long newest() {
        return trial.map(Trial::epoch).orElse(baselineEpoch);
    }

    /** What holds after the update. */
    public ClassEpochs after(ThresholdUpdate update) {
        if (ThresholdKeys.isCandidate(update)) {
            return update.getEpoch() <= newest() ? this : new ClassEpochs(baselineEpoch, Optional.of(new Trial(update.getRolloutId(),
                    update.getEpoch(), Math.min(Math.max(update.getPreviousEpoch(), 0), update.getEpoch() - 1),
                    update.getMembershipPerMille(), update.getIssuedAt().toEpochMilli())));
        }
        return update.getEpoch() <= baselineEpoch ? this : new ClassEpochs(update.getEpoch(),
                trial.filter(running -> running.epoch() > update.getEpoch()));
    }
}
