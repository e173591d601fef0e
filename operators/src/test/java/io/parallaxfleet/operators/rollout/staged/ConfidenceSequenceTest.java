package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConfidenceSequenceTest {
    private final ConfidenceSequence sequence = new ConfidenceSequence(0.05, 0.05);

    @Test
    void theIntervalHoldsTheTruthAtEveryOneOfManyLooks() {
        SplittableRandom random = new SplittableRandom(5);
        int missed = 0;
        for (int run = 0; run < 2000; run++) {
            double sum = 0;
            boolean outside = false;
            for (int look = 1; look <= 300; look++) {
                sum += random.nextGaussian();
                outside |= Math.abs(sum / look) > sequence.halfWidth(1.0 / look);
            }
            missed += outside ? 1 : 0;
        }
        assertTrue(missed <= 0.05 * 2000, missed + " of 2000 missed the truth at some look");
    }

    @Test
    void theInformationAskedForFindsTheEffectWithTheWantedChance() {
        double information = sequence.informationFor(0.05, 0.9);
        SplittableRandom random = new SplittableRandom(6);
        int found = 0;
        for (int run = 0; run < 2000; run++) {
            double estimate = 0.05 + random.nextGaussian() / Math.sqrt(information);
            found += estimate - sequence.halfWidth(1 / information) > 0 ? 1 : 0;
        }
        assertEquals(0.9, found / 2000.0, 0.03);
    }

    @Test
    void lessErrorNeedsAWiderInterval() {
        assertTrue(new ConfidenceSequence(0.001, 0.05).halfWidth(1e-4) > sequence.halfWidth(1e-4));
    }
}
