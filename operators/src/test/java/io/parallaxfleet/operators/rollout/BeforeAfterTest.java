package io.parallaxfleet.operators.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BeforeAfterTest {
    private final BeforeAfter judge = BeforeAfter.defaults();

    @Test
    void fasterIsPromotedWithTheEvidence() {
        RolloutVerdict.Promote promote = assertInstanceOf(RolloutVerdict.Promote.class,
                judge.judge(Map.of("m", sketch(10e6, 200, 1)), Map.of("m", sketch(7e6, 100, 2))));

        assertEquals(0.7, promote.evidence().ratio(), 0.05);
        assertEquals(200, promote.evidence().beforeSamples());
        assertEquals(100, promote.evidence().afterSamples());
    }

    @Test
    void surelySlowerIsRolledBack() {
        RolloutVerdict.Rollback rollback = assertInstanceOf(RolloutVerdict.Rollback.class,
                judge.judge(Map.of("m", sketch(10e6, 400, 1)), Map.of("m", sketch(12e6, 400, 2))));

        assertTrue(rollback.evidence().surelyAboveRatio() > 1);
    }

    @Test
    void whatLooksSlowerIsNeverPromotedEvenWhereItMayBeChance() {
        int held = 0;
        for (int seed = 0; seed < 200; seed++) {
            RolloutVerdict verdict =
                    judge.judge(Map.of("m", sketch(1e6, 30, 2 * seed)), Map.of("m", sketch(1.04e6, 30, 2 * seed + 1)));
            if (verdict instanceof RolloutVerdict.Promote promote) {
                assertTrue(promote.evidence().ratio() <= 1.05, "seed " + seed + ": " + promote.evidence());
            } else if (verdict instanceof RolloutVerdict.Hold hold) {
                assertTrue(hold.why().contains("more are needed"), hold.why());
                held++;
            }
        }
        assertTrue(held > 0, "thirty samples do not tell four per cent from ten");
    }

    @Test
    void equalLatenciesAreAlmostNeverRolledBack() {
        int rolledBack = 0;
        for (int seed = 0; seed < 400; seed++) {
            RolloutVerdict verdict = judge.judge(Map.of("m", sketch(10e6, 40, 2 * seed)), Map.of("m", sketch(10e6, 40, 2 * seed + 1)));
            if (verdict instanceof RolloutVerdict.Rollback) {
                rolledBack++;
            }
        }
        assertTrue(rolledBack <= 4, rolledBack + " of 400");
    }

    @Test
    void aChangedMixOfModelsIsNoChangeOfSpeed() {
        // The slow model runs ten times as often afterwards; pooled, the median would jump.
        RolloutVerdict.Promote promote = assertInstanceOf(RolloutVerdict.Promote.class, judge.judge(
                Map.of("quick", sketch(1e6, 300, 1), "slow", sketch(50e6, 100, 2)),
                Map.of("quick", sketch(1e6, 100, 3), "slow", sketch(50e6, 1000, 4))));

        assertEquals(1, promote.evidence().ratio(), 0.05);
        assertEquals(2, promote.evidence().models());
    }

    @Test
    void nothingIsDecidedWithoutData() {
        assertInstanceOf(RolloutVerdict.Hold.class, judge.judge(Map.of(), Map.of("m", sketch(1e6, 100, 1))));
        assertInstanceOf(RolloutVerdict.Hold.class, judge.judge(Map.of("m", sketch(1e6, 100, 1)), Map.of()));
        assertInstanceOf(RolloutVerdict.Hold.class,
                judge.judge(Map.of("m", sketch(1e6, 100, 1)), Map.of("m", sketch(1e6, 29, 1))));
    }

    @Test
    void aModelThatWasMostOfTheLoadMustBeAmongThoseCompared() {
        assertInstanceOf(RolloutVerdict.Hold.class, judge.judge(
                Map.of("main", sketch(1e6, 700, 1), "side", sketch(1e6, 100, 2)),
                Map.of("side", sketch(1e6, 100, 3))));
    }

    @Test
    void aHeavyModelCountsByItsTimeHoweverRarelyItRuns() {
        assertInstanceOf(RolloutVerdict.Hold.class, judge.judge(
                Map.of("light", sketch(1e6, 900, 1), "heavy", sketch(100e6, 40, 2)),
                Map.of("light", sketch(1e6, 900, 3), "heavy", sketch(100e6, 10, 4))));
    }

    @Test
    void anEpochIsKnownWhenItsMainModelsAre() {
        assertTrue(judge.knowsEnough(Map.of("main", sketch(1e6, 100, 1), "side", sketch(1e6, 5, 2))));
        assertTrue(!judge.knowsEnough(Map.of("main", sketch(1e6, 20, 1))));
        assertTrue(!judge.knowsEnough(Map.of()));
    }

    static LatencySketch sketch(double medianNanos, int count, long seed) {
        Random random = new Random(seed);
        LatencySketch sketch = new LatencySketch();
        for (int i = 0; i < count; i++) {
            sketch.add(Math.round(medianNanos * Math.exp(0.12 * random.nextGaussian())));
        }
        return sketch;
    }
}
