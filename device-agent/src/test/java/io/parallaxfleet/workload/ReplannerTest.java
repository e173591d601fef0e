package io.parallaxfleet.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdRules;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.thresholds.Updates;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReplannerTest {
    private final RecordedOutbox outbox = new RecordedOutbox();
    private final FakeModel first = new FakeModel("first", Plans.EAGER);
    private final FakeModel second = new FakeModel("second", Plans.EAGER);
    private final ThresholdStore store = new ThresholdStore(new ThresholdRules(Updates.DEVICE, Optional.empty()),
            PolicyInForce.builtIn(Plans.EAGER), Optional.empty());
    private final AtomicLong nanoTime = new AtomicLong();
    private final Replanner replanner = new Replanner(Updates.DEVICE, store, List.of(first, second),
            new PlanBook(Updates.DEVICE, "1.0", outbox), outbox, RecordedOutbox.silence(),
            Clock.fixed(Instant.ofEpochSecond(1), ZoneOffset.UTC), () -> nanoTime.addAndGet(250));

    private List<ThresholdAck> acks() {
        return outbox.values(Topic.THRESHOLD_ACKS, ThresholdAck.class);
    }

    private static ThresholdUpdate never(long epoch) {
        return Updates.update(epoch).setMode(DelegationMode.NEVER).build();
    }

    @Test
    void anAcceptedUpdateRePlansEveryModelAndIsAcknowledgedWithBeforeAndAfter() {
        int before = PlanProfiles.delegatedRegions(first.plan());

        replanner.process(List.of(never(1)));

        ThresholdAck ack = acks().get(0);
        Replan replan = ack.getPlans().get(0);
        assertEquals(AckOutcome.APPLIED, ack.getOutcome());
        assertEquals(List.of("first", "second"), ack.getPlans().stream().map(Replan::getModel).toList());
        assertEquals(before, replan.getDelegatedRegionsBefore());
        assertTrue(before > 0);
        assertEquals(0, replan.getDelegatedRegionsAfter());
        assertEquals(PlanProfiles.planId(Updates.DEVICE, first.plan()), replan.getPlanIdAfter());
        assertEquals(250, replan.getReplanNanos());
        assertEquals(1, store.inForce().epoch());
    }

    @Test
    void theNewPlansAreKnownBeforeTheAcknowledgement() {
        replanner.process(List.of(never(1)));

        List<Topic> order = outbox.sent.stream().map(record -> record.topic()).toList();
        assertEquals(List.of(Topic.PLANS, Topic.PLANS, Topic.THRESHOLD_ACKS), order);
        assertFalse(outbox.values(Topic.PLANS, PlanProfile.class).get(0).getExplored());
    }

    @Test
    void aRefusedUpdateLeavesEverythingAndSaysWhy() {
        replanner.process(List.of(Updates.update(1).setMinOperators(0).build()));

        assertEquals(AckOutcome.REFUSED, acks().get(0).getOutcome());
        assertTrue(acks().get(0).getReason().contains("minOperators is 0"));
        assertEquals(0, store.inForce().epoch());
        assertTrue(PlanProfiles.delegatedRegions(first.plan()) > 0);
    }

    @Test
    void updatesOfOtherClassesAreNotEvenAcknowledged() {
        replanner.process(List.of(Updates.update(1).setDeviceClass("linux-aarch64-other").build()));

        assertTrue(outbox.sent.isEmpty());
    }

    @Test
    void aDeviceOutsideTheShareSaysSo() {
        replanner.process(List.of(Updates.update(1).setMembershipPerMille(0).build()));

        assertEquals(AckOutcome.NOT_MEMBER, acks().get(0).getOutcome());
    }

    @Nested
    class Backlog {
        @Test
        void ofSeveralEpochsOnlyTheNewestIsApplied() {
            replanner.process(List.of(never(1), Updates.update(2).build(), never(3)));

            assertEquals(List.of(AckOutcome.STALE, AckOutcome.STALE, AckOutcome.APPLIED),
                    acks().stream().map(ThresholdAck::getOutcome).toList());
            assertEquals(3, store.inForce().epoch());
            assertEquals(2, outbox.values(Topic.PLANS, PlanProfile.class).size());
        }

        @Test
        void aBadNewestDoesNotHideTheGoodOneBeforeIt() {
            replanner.process(List.of(never(1), Updates.update(2).setMaxBytesPerMac(Double.NaN).build()));

            assertEquals(1, store.inForce().epoch());
            assertEquals(List.of(AckOutcome.REFUSED, AckOutcome.APPLIED), acks().stream().map(ThresholdAck::getOutcome).toList());
        }

        @Test
        void aCanaryThatLeavesTheDeviceOutDoesNotHideTheFullRolloutBeforeIt() {
            replanner.process(List.of(never(1), Updates.update(2).setMembershipPerMille(0).build()));

            assertEquals(1, store.inForce().epoch());
        }

        @Test
        void theSameUpdateAgainIsStale() {
            replanner.process(List.of(never(1)));
            replanner.process(List.of(never(1)));

            assertEquals(AckOutcome.STALE, acks().get(1).getOutcome());
        }
    }

    @Test
    void whereOneModelCannotBeRePlannedTheOthersReturnAndTheUpdateIsRefused() {
        int before = PlanProfiles.delegatedRegions(first.plan());
        second.planningFailure = new IllegalStateException("out of device memory");

        replanner.process(List.of(never(1)));

        assertEquals(AckOutcome.REFUSED, acks().get(0).getOutcome());
        assertTrue(acks().get(0).getReason().contains("second: out of device memory"));
        assertEquals(before, PlanProfiles.delegatedRegions(first.plan()));
        assertEquals(0, store.inForce().epoch());
    }

    @Test
    void theKillSwitchReturnsToThePapersThresholds() {
        replanner.process(List.of(never(1)));
        replanner.process(List.of(Updates.update(2).setKillSwitch(true).build()));

        assertEquals(DelegationPolicy.paper(), store.inForce().policy());
        assertEquals(AckOutcome.APPLIED, acks().get(1).getOutcome());
        assertFalse(replanner.busy());
    }
}
