package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThreadSharesTest {
    @Test
    void aHeavyBranchHasMoreThreadsThanItsNeighbours() {
        assertArrayEquals(new int[] {6, 1, 1}, ThreadShares.divide(new long[] {900, 100, 100}, 8));
    }

    @Test
    void equalBranchesHaveAsManyAsTheyCan() {
        assertArrayEquals(new int[] {3, 3, 2}, ThreadShares.divide(new long[] {5, 5, 5}, 8));
    }

    @Test
    void onTwoThreadsEveryBranchHasOneWhateverItsWork() {
        Random random = new Random(1);
        for (int trial = 0; trial < 1_000; trial++) {
            long[] work = random.longs(2 + random.nextInt(6), 0, 1_000_000).toArray();
            assertTrue(Arrays.stream(ThreadShares.divide(work, 2)).allMatch(share -> share == 1));
        }
    }

    @Test
    void ofMoreBranchesThanThreadsEachHasOne() {
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, ThreadShares.divide(new long[] {900, 1, 1, 1, 1}, 4));
    }

    @Test
    void everyThreadIsGivenWhereThereAreEnoughAndEachBranchHasOne() {
        Random random = new Random(2);
        for (int trial = 0; trial < 1_000; trial++) {
            long[] work = random.longs(1 + random.nextInt(6), 0, 100).toArray();
            int threads = work.length + random.nextInt(12);
            int[] shares = ThreadShares.divide(work, threads);
            assertEquals(threads, IntStream.of(shares).sum());
            assertTrue(IntStream.of(shares).allMatch(share -> share >= 1));
        }
    }

    @Test
    void noDivisionOfTheThreadsMakesTheLongestBranchShorter() {
        Random random = new Random(3);
        for (int trial = 0; trial < 1_000; trial++) {
            long[] work = random.longs(1 + random.nextInt(4), 0, 1 + random.nextInt(1_000)).toArray();
            int threads = work.length + random.nextInt(7);

            double found = longest(work, ThreadShares.divide(work, threads));

            assertEquals(shortestOfAll(work, new int[work.length], 0, threads), found, 0, "trial " + trial);
        }
    }

    private static double longest(long[] work, int[] shares) {
        return IntStream.range(0, work.length).mapToDouble(branch -> ThreadShares.time(work[branch], shares[branch])).max().orElseThrow();
    }

    /** Tries every division of what is left among the branches from {@code branch} on. */
    private static double shortestOfAll(long[] work, int[] shares, int branch, int left) {
        if (branch == work.length) {
            return longest(work, shares);
        }
        double shortest = Double.POSITIVE_INFINITY;
        for (int share = 1; share <= left - (work.length - branch - 1); share++) {
            shares[branch] = share;
            shortest = Math.min(shortest, shortestOfAll(work, shares, branch + 1, left - share));
        }
        return shortest;
    }

    @Test
    void aRunWithoutThreadsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ThreadShares.divide(new long[] {1}, 0));
    }
}
