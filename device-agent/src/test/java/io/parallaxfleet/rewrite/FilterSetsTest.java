package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterSetsTest {
    private static final long ROWS = 80;
    private static final long MUCH_WORK = 300_000_000;
    private static final long ELEMENTS = 500_000;

    @ParameterizedTest
    @CsvSource({"5,'3,2'", "6,'4,2'", "9,'4,3,2'", "10,'8,2'", "13,'8,3,2'"})
    void cutsWhereTheLastSetIsSmaller(int blocks, String parts) {
        assertEquals(List.of(parts.split(",")), FilterSets.parts(blocks, ROWS, MUCH_WORK, ELEMENTS).stream().map(String::valueOf).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 8, 12})
    void leavesAloneWhatDividesEvenly(int blocks) {
        assertEquals(List.of(blocks), FilterSets.parts(blocks, ROWS, MUCH_WORK, ELEMENTS));
    }

    @Test
    void leavesAloneWhatCostsLessThanJoiningItAgain() {
        assertEquals(List.of(5), FilterSets.parts(5, ROWS, 4_000_000, ELEMENTS));
    }
}
