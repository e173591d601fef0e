package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.schemas.thresholds.RolloutMembership;

/** How far a rollout has come. Members are found by {@link RolloutMembership}; all other devices of the class are its control. */
public enum Stage {
    /** Scored on live traffic, applied nowhere. */
    SHADOW(0),
    ONE_PERCENT(10),
    FIVE_PERCENT(50),
    QUARTER(250),
    /** All but a holdout, which joins when the rollout is complete. */
    ALL_BUT_HOLDOUT(980);

    private final int membersPerMille;

    Stage(int membersPerMille) {
        this.membersPerMille = membersPerMille;
    }

    public int membersPerMille() {
        return membersPerMille;
    }

    /** Members to expect among this many devices. */
    public int members(int devices) {
        return (int) ((long) devices * membersPerMille / RolloutMembership.BUCKETS);
    }
}
