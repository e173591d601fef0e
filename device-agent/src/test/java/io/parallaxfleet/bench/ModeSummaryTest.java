package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModeSummaryTest {
    @Test
    @DisplayName("median and p90 are samples of the run, not interpolations")
    void quantiles() {
        ModeSummary summary = ModeSummary.of(LongStream.rangeClosed(1, 10).map(value -> 11 - value).toArray(), OptionalLong.empty());
        assertEquals(5, summary.medianNanos());
        assertEquals(9, summary.p90Nanos());
        assertEquals(1, summary.minNanos());
    }

    @Test
    @DisplayName("no sample is no summary")
    void refusesEmpty() {
        assertThrows(IllegalArgumentException.class, () -> ModeSummary.of(new long[0], OptionalLong.empty()));
    }
}
