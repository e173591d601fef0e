package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConcurrentSetTest {
    @Test
    void everyBranchRunsWhereTheBudgetHoldsThemAll() {
        assertEquals(List.of(0, 1, 2), ConcurrentSet.choose(List.of(30L, 10L, 20L), 60));
    }

    @Test
    void theMostBranchesAreChosenNotTheBiggest() {
        assertEquals(List.of(1, 2), ConcurrentSet.choose(List.of(50L, 20L, 30L), 50));
    }

    @Test
    void equalBranchesAreTakenInOrder() {
        assertEquals(List.of(0, 1), ConcurrentSet.choose(List.of(10L, 10L, 10L), 25));
    }

    @Test
    void oneBranchAlwaysRunsHoweverSmallTheBudget() {
        assertEquals(List.of(1), ConcurrentSet.choose(List.of(50L, 20L), -1));
    }

    @Test
    void besideRunningBranchesOnlyWhatFitsIsAdded() {
        assertEquals(List.of(), ConcurrentSet.largestWithin(List.of(50L, 20L), 10));
    }

    @Test
    void nothingIsChosenFromNothing() {
        assertEquals(List.of(), ConcurrentSet.choose(List.of(), 10));
    }

    @Test
    void sumsBeyondALongDoNotOverflow() {
        assertEquals(List.of(0), ConcurrentSet.choose(List.of(Long.MAX_VALUE, Long.MAX_VALUE), Long.MAX_VALUE));
    }

    @Test
    void noSubsetOfTheBudgetIsLargerOrAsLargeAndSmaller() {
        Random random = new Random(9);
        for (int trial = 0; trial < 2_000; trial++) {
            List<Long> peaks = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                peaks.add((long) random.nextInt(20));
            }
            long budget = random.nextInt(80);
            List<Integer> chosen = ConcurrentSet.largestWithin(peaks, budget);
            long chosenBytes = chosen.stream().mapToLong(peaks::get).sum();

            assertTrue(chosenBytes <= budget);
            for (int subset = 0; subset < 1 << peaks.size(); subset++) {
                long bytes = 0;
                for (int i = 0; i < peaks.size(); i++) {
                    bytes += (subset >> i & 1) * peaks.get(i);
                }
                int count = Integer.bitCount(subset);
                assertTrue(bytes > budget || count < chosen.size() || count == chosen.size() && bytes >= chosenBytes,
                        "trial " + trial + ": subset " + subset + " of " + peaks + " beats " + chosen + " under " + budget);
            }
        }
    }
}
