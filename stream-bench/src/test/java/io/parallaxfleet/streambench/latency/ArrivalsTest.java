package io.parallaxfleet.streambench.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.streambench.latency.Arrivals.Spread;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals();

    @Test
    void aResultCountsWhenItCameFirst() {
        arrivals.came(List.of("a", 1000L), 1000, 1300);
        arrivals.came(List.of("a", 1000L), 1000, 9000);

        assertEquals(new Spread(1, 300, 300, 300, 300), arrivals.spread());
    }

    @Test
    void theNinetyNinthPercentileIsWhatNinetyNineOfAHundredDoNotExceed() {
        for (int i = 1; i <= 100; i++) {
            arrivals.came(List.of(i), 0, i);
        }

        assertEquals(new Spread(100, 50, 90, 99, 100), arrivals.spread());
        assertEquals(new Spread(100, 40, 80, 89, 90), arrivals.spread().less(10));
    }

    @Test
    void windowsOfTheWarmUpAreLeftOut() {
        arrivals.came(List.of("early"), 1000, 5000);
        arrivals.came(List.of("late"), 2000, 2100);
        Arrivals all = new Arrivals();

        assertEquals(new Spread(1, 100, 100, 100, 100), arrivals.from(2000, all));
        assertEquals(1, all.spread().count());
    }

    @Test
    void withoutResultsThereIsNone() {
        assertEquals(0, arrivals.spread().count());
    }
}
