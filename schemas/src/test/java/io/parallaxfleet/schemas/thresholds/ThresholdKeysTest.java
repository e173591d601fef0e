package io.parallaxfleet.schemas.thresholds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ThresholdKeysTest {
    @Test
    void whatTheWholeClassRunsIsKeptUnderItsName() {
        assertEquals("board", ThresholdKeys.of(update(1000, false)));
    }

    @Test
    void whatAShareTriesNeverTakesThePlaceOfIt() {
        assertEquals(ThresholdKeys.candidate("board"), ThresholdKeys.of(update(999, false)));
        assertEquals(ThresholdKeys.candidate("board"), ThresholdKeys.of(update(10, false)));
        assertNotEquals(ThresholdKeys.baseline("board"), ThresholdKeys.candidate("board"));
    }

    @Test
    void aKillSwitchIsForEverybody() {
        assertEquals("board", ThresholdKeys.of(update(10, true)));
    }

    private static ThresholdUpdate update(int perMille, boolean killSwitch) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass("board")
                .setSimulated(false)
                .setEpoch(4)
                .setPreviousEpoch(3)
                .setMode(DelegationMode.NEVER)
                .setMinOperators(3)
                .setMinMacs(1)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("board-epoch-4")
                .setStage(RolloutStage.CANARY)
                .setMembershipPerMille(perMille)
                .setKillSwitch(killSwitch)
                .setIssuedAt(Instant.EPOCH)
                .setIssuedBy("the-job")
                .setReason("a test")
                .build();
    }
}
