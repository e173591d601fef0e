package io.parallaxfleet.thresholds;

/** What a device does with a published update, with the evidence. */
public sealed interface ThresholdDecision {
    /** One line for people and for the acknowledgement. */
    String reason();

    /** The update is to be put in force. */
    record Apply(PolicyInForce next, long previousEpoch) implements ThresholdDecision {
        @Override
        public String reason() {
            return "epoch " + previousEpoch + " -> " + next.epoch() + ": " + next.policy().describe();
        }
    }

    /** The update is malformed, out of range, not for this device or not signed; the policy in force stays. */
    record Refuse(String reason) implements ThresholdDecision {}

    /** The update is for a share of the class that this device is not in. */
    record NotMember(int bucket, int membershipPerMille) implements ThresholdDecision {
        @Override
        public String reason() {
            return "bucket " + bucket + " is outside the first " + membershipPerMille + " of 1000";
        }
    }

    /** The update is not newer than what is in force. */
    record Stale(long epoch, long epochInForce) implements ThresholdDecision {
        @Override
        public String reason() {
            return "epoch " + epoch + " is not above epoch " + epochInForce + ", which is in force";
        }
    }
}
