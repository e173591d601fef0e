package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MomentsTest {
    @Test
    void partsAddUpToTheWhole() {
        SplittableRandom random = new SplittableRandom(2);
        Moments whole = Moments.NONE;
        Moments left = Moments.NONE;
        Moments right = Moments.NONE;
        for (int i = 0; i < 1000; i++) {
            double value = 5 + random.nextGaussian();
            whole = whole.with(value);
            left = i % 3 == 0 ? left.with(value) : left;
            right = i % 3 == 0 ? right : right.with(value);
        }
        Moments merged = left.and(right);
        assertEquals(whole.count(), merged.count());
        assertEquals(whole.mean(), merged.mean(), 1e-12);
        assertEquals(whole.squares(), merged.squares(), 1e-8);
    }

    @Test
    void nothingAddsNothing() {
        Moments some = Moments.NONE.with(3).with(4);
        assertEquals(some, some.and(Moments.NONE));
        assertEquals(Moments.NONE, Moments.NONE.and(Moments.NONE));
    }

    @Test
    void aMeanThatIsNoNumberIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Moments.NONE.with(Double.NaN));
    }
}
