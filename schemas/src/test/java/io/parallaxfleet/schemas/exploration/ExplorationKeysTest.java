package io.parallaxfleet.schemas.exploration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExplorationKeysTest {
    @Test
    void adviceOfAClassTakesThePlaceOfItsOlderAdvice() {
        assertEquals(ExplorationKeys.of(advice(false, 2)), ExplorationKeys.of(advice(false, 5)));
    }

    @Test
    void simulatedAndMeasuredClassesOfOneNameShareNoKey() {
        assertNotEquals(ExplorationKeys.of(advice(false, 5)), ExplorationKeys.of(advice(true, 5)));
    }

    private static ExplorationAdvice advice(boolean simulated, double shareFactor) {
        return ExplorationAdvice.newBuilder()
                .setDeviceClass("board")
                .setSimulated(simulated)
                .setShareFactor(shareFactor)
                .setIssuedAt(Instant.EPOCH)
                .setExpiresAt(Instant.EPOCH.plusSeconds(60))
                .setReason("test")
                .setIssuedBy("test")
                .build();
    }
}
