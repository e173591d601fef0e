package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.partition.DelegationPolicy;

/** What new thresholds do to a class. */
public enum Direction {
    LESS("delegates less"),
    MORE("delegates more"),
    /** New bounds, the same regions. */
    SAME("delegates the same"),
    /** No new thresholds yet, or some bounds are tighter and others looser and no device told its regions. */
    UNDECIDED("-");

    private final String text;

    Direction(String text) {
        this.text = text;
    }

    /** For people. */
    public String text() {
        return text;
    }

    /** From the regions that the class's devices delegate. */
    static Direction ofRegions(long before, long after) {
        if (after < before) {
            return LESS;
        }
        return after > before ? MORE : SAME;
    }

    /** From the bounds alone, where no device has acknowledged yet. */
    static Direction ofPolicies(DelegationPolicy before, DelegationPolicy after) {
        if (after.equals(before)) {
            return SAME;
        }
        if (after instanceof DelegationPolicy.Never) {
            return LESS;
        }
        if (before instanceof DelegationPolicy.Never) {
            return MORE;
        }
        if (before instanceof DelegationPolicy.Thresholds old && after instanceof DelegationPolicy.Thresholds now) {
            boolean looser = now.minOperators() < old.minOperators() || now.minMacs() < old.minMacs()
                    || now.maxBytesPerMac() > old.maxBytesPerMac();
            boolean tighter = now.minOperators() > old.minOperators() || now.minMacs() > old.minMacs()
                    || now.maxBytesPerMac() < old.maxBytesPerMac();
            if (looser != tighter) {
                return looser ? MORE : LESS;
            }
        }
        return UNDECIDED;
    }
}
