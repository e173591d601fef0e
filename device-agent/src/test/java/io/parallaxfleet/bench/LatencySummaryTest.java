package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LatencySummaryTest {
    @Test
    @DisplayName("median and p90 are samples of the run, not interpolations")
    void quantiles() {
        LatencySummary summary = LatencySummary.of(LongStream.rangeClosed(1, 10).map(value -> 11 - value).toArray());
        assertEquals(5, summary.medianNanos());
        assertEquals(9, summary.p90Nanos());
        assertEquals(1, summary.minNanos());
    }

    @Test
    @DisplayName("no sample is no summary")
    void refusesEmpty() {
        assertThrows(IllegalArgumentException.class, () -> LatencySummary.of(new long[0]));
    }
}
