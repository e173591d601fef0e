package io.parallaxfleet.thresholds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ThresholdRulesTest {
    private final ThresholdRules rules = new ThresholdRules(Updates.DEVICE, Optional.empty());
    private final PolicyInForce start = PolicyInForce.builtIn(DelegationPolicy.paper());

    private ThresholdDecision judge(ThresholdUpdate.Builder update) {
        return rules.judge(update.build(), start);
    }

    private void assertRefused(ThresholdUpdate.Builder update, String... mentions) {
        String reason = assertInstanceOf(ThresholdDecision.Refuse.class, judge(update)).reason();
        for (String mention : mentions) {
            assertTrue(reason.contains(mention), "'" + reason + "' does not mention " + mention);
        }
    }

    @Test
    void validThresholdsAreApplied() {
        ThresholdDecision.Apply apply = assertInstanceOf(ThresholdDecision.Apply.class, judge(Updates.update(1)));

        assertEquals(new PolicyInForce(new DelegationPolicy.Thresholds(2, 5_000_000L, 0.5), 1, "rollout-1",
                PolicyInForce.Origin.PUBLISHED), apply.next());
    }

    @Test
    void neverMeansThatNothingIsDelegatedWhateverTheThresholdsSay() {
        ThresholdDecision decision = judge(Updates.update(1).setMode(DelegationMode.NEVER).setMinOperators(-7));

        assertEquals(new DelegationPolicy.Never(),
                assertInstanceOf(ThresholdDecision.Apply.class, decision).next().policy());
    }

    @Nested
    class WhatIsRefused {
        @Test
        void anotherClass() {
            assertRefused(Updates.update(1).setDeviceClass("linux-aarch64-other"), "deviceClass", "linux-aarch64-other");
        }

        @Test
        void aSimulatedUpdateOnARealDevice() {
            assertRefused(Updates.update(1).setSimulated(true), "simulated is true");
        }

        @Test
        void aModeThisAgentDoesNotKnow() {
            assertRefused(Updates.update(1).setMode(DelegationMode.UNKNOWN), "mode is UNKNOWN");
        }

        @Test
        void aStageThisAgentDoesNotKnow() {
            assertRefused(Updates.update(1).setStage(RolloutStage.UNKNOWN), "stage is UNKNOWN");
        }

        @Test
        void valuesOutOfRangeWithFieldValueAndRange() {
            assertRefused(Updates.update(1).setMinOperators(0), "minOperators is 0", "1..1000000");
            assertRefused(Updates.update(1).setMinMacs(-1), "minMacs is -1", "0..1000000000000000");
            assertRefused(Updates.update(1).setMaxBytesPerMac(Double.NaN), "maxBytesPerMac is NaN", "0..1e9");
            assertRefused(Updates.update(1).setMaxBytesPerMac(Double.POSITIVE_INFINITY), "maxBytesPerMac is Infinity");
            assertRefused(Updates.update(1).setMembershipPerMille(1001), "membershipPerMille is 1001", "0..1000");
            assertRefused(Updates.update(0), "epoch is 0", ">= 1");
        }
    }

    @Nested
    class Epochs {
        private final PolicyInForce five =
                new PolicyInForce(DelegationPolicy.paper(), 5, "rollout-5", PolicyInForce.Origin.PUBLISHED);

        @Test
        void theEpochInForceIsStale() {
            assertEquals(new ThresholdDecision.Stale(5, 5), rules.judge(Updates.update(5).build(), five));
        }

        @Test
        void anOlderEpochIsStale() {
            assertEquals(new ThresholdDecision.Stale(4, 5), rules.judge(Updates.update(4).build(), five));
        }

        @Test
        void anOldEpochIsStaleEvenAsAKillSwitch() {
            assertInstanceOf(ThresholdDecision.Stale.class, rules.judge(Updates.update(4).setKillSwitch(true).build(), five));
        }
    }

    @Nested
    class Membership {
        private final int bucket = RolloutMembership.bucket(Updates.DEVICE.deviceId(), "rollout-1");

        @Test
        void theDeviceIsInOnceTheShareReachesItsBucket() {
            assertInstanceOf(ThresholdDecision.Apply.class, judge(Updates.update(1).setMembershipPerMille(bucket + 1)));
        }

        @Test
        void theDeviceIsOutBelowAndSaysWhereItStands() {
            assertEquals(new ThresholdDecision.NotMember(bucket, bucket), judge(Updates.update(1).setMembershipPerMille(bucket)));
        }

        @Test
        void aShadowStageIsNeverApplied() {
            assertInstanceOf(ThresholdDecision.NotMember.class,
                    judge(Updates.update(1).setStage(RolloutStage.SHADOW).setMembershipPerMille(1000)));
        }
    }

    @Nested
    class KillSwitch {
        @Test
        void returnsToThePapersThresholdsWhoeverIsAMember() {
            ThresholdDecision decision = judge(Updates.update(1).setKillSwitch(true).setMembershipPerMille(0));

            PolicyInForce next = assertInstanceOf(ThresholdDecision.Apply.class, decision).next();
            assertEquals(DelegationPolicy.paper(), next.policy());
            assertEquals(PolicyInForce.Origin.KILL_SWITCH, next.origin());
        }
    }

    @Nested
    class WithAKey {
        private final ThresholdSignature key = new ThresholdSignature("sixteen bytes or more".getBytes(StandardCharsets.UTF_8));
        private final ThresholdRules signedRules = new ThresholdRules(Updates.DEVICE, Optional.of(key));

        @Test
        void aSignedUpdateIsApplied() {
            assertInstanceOf(ThresholdDecision.Apply.class, signedRules.judge(key.sign(Updates.update(1).build()), start));
        }

        @Test
        void anUnsignedUpdateIsRefused() {
            ThresholdDecision decision = signedRules.judge(Updates.update(1).build(), start);

            assertTrue(assertInstanceOf(ThresholdDecision.Refuse.class, decision).reason().contains("not signed"));
        }

        @Test
        void aForgedKillSwitchIsRefused() {
            ThresholdUpdate forged = key.sign(Updates.update(1).build());
            forged.setKillSwitch(true);

            assertInstanceOf(ThresholdDecision.Refuse.class, signedRules.judge(forged, start));
        }
    }
}
