package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClassEpochsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final ClassEpochs baseline = ClassEpochs.NONE.after(update(5, 1000));

    @Test
    void aShareOfTheClassIsATrialBesideTheRest() {
        assertEquals(new ClassEpochs(5, Optional.of(new Trial("rollout", 6, 5, 10, NOON.toEpochMilli()))), baseline.after(update(6, 10)));
    }

    @Test
    void aWiderStageTakesThePlaceOfTheNarrower() {
        assertEquals(50, baseline.after(update(6, 10)).after(update(7, 50)).trial().orElseThrow().membersPerMille());
    }

    @Test
    void thresholdsForAllEndTheTrial() {
        assertEquals(new ClassEpochs(7, Optional.empty()), baseline.after(update(6, 10)).after(update(7, 1000)));
    }

    @Test
    void whatCompactionLeftOfATrialThatEndedIsNone() {
        assertEquals(new ClassEpochs(7, Optional.empty()), ClassEpochs.NONE.after(update(7, 1000)).after(update(6, 10)));
    }

    @Test
    void theBaselineReadAfterTheTrialLeavesItAlone() {
        assertEquals(6, ClassEpochs.NONE.after(update(6, 10)).after(update(5, 1000)).trial().orElseThrow().epoch());
    }

    private static ThresholdUpdate update(long epoch, int perMille) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass("board")
                .setSimulated(false)
                .setEpoch(epoch)
                .setPreviousEpoch(5)
                .setMode(DelegationMode.NEVER)
                .setMinOperators(3)
                .setMinMacs(1)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("rollout")
                .setStage(RolloutStage.CANARY)
                .setMembershipPerMille(perMille)
                .setKillSwitch(false)
                .setIssuedAt(NOON)
                .setIssuedBy("the-job")
                .setReason("a test")
                .build();
    }
}
