package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.parallaxfleet.schedule.ConcurrentSet.Branch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConcurrentSetTest {
    private static final int PLACES = 4;

    private static Branch branch(long work, long bytes) {
        return new Branch(work, bytes);
    }

    @Test
    void everyBranchRunsWhereTheBudgetHoldsThemAll() {
        List<Branch> branches = List.of(branch(5, 30), branch(6, 10), branch(7, 20));
        assertEquals(List.of(0, 1, 2), ConcurrentSet.choose(branches, PLACES, 60, true));
    }

    @Test
    void twoHeavyBranchesSaveMoreThanThreeLightOnes() {
        List<Branch> branches = List.of(branch(1, 20), branch(1, 20), branch(1, 20), branch(50, 30), branch(40, 30));
        assertEquals(List.of(3, 4), ConcurrentSet.choose(branches, PLACES, 60, true));
    }

    @Test
    void noMoreBranchesAreChosenThanThereArePlaces() {
        List<Branch> branches = List.of(branch(1, 1), branch(9, 1), branch(8, 1));
        assertEquals(List.of(1, 2), ConcurrentSet.choose(branches, 2, 60, true));
    }

    @Test
    void ofSetsThatSaveAsMuchTheOneThatTakesLessMemoryIsChosen() {
        List<Branch> branches = List.of(branch(5, 30), branch(5, 10), branch(5, 20));
        assertEquals(List.of(1, 2), ConcurrentSet.choose(branches, 2, 60, true));
    }

    @Test
    void oneBranchRunsHoweverSmallTheBudgetWhenNothingElseDoes() {
        assertEquals(List.of(1), ConcurrentSet.choose(List.of(branch(9, 50), branch(1, 20)), PLACES, -1, true));
    }

    @Test
    void besideRunningBranchesOnlyWhatFitsIsAdded() {
        assertEquals(List.of(), ConcurrentSet.choose(List.of(branch(9, 50), branch(1, 20)), PLACES, 10, false));
        assertEquals(List.of(1), ConcurrentSet.choose(List.of(branch(9, 50), branch(1, 20)), PLACES, 30, false));
    }

    @Test
    void nothingIsChosenFromNothing() {
        assertEquals(List.of(), ConcurrentSet.choose(List.of(), PLACES, 10, true));
    }

    @Test
    void memoryBeyondALongDoesNotOverflow() {
        List<Branch> branches = List.of(branch(2, Long.MAX_VALUE), branch(1, Long.MAX_VALUE));
        assertEquals(1, ConcurrentSet.choose(branches, PLACES, Long.MAX_VALUE, true).size());
    }

    @Test
    void manyBranchesAreChosenFromInAMoment() {
        List<Branch> branches = IntStream.range(0, 200).mapToObj(i -> branch(1_000 + i % 7, 10 + i % 5)).toList();
        List<Integer> chosen = ConcurrentSet.choose(branches, 6, 60, true);
        assertTrue(!chosen.isEmpty() && chosen.size() <= 6);
    }

    @Test
    void aWideBranchGivesWayToTwoThatFitInItsThreads() {
        List<Branch> branches = List.of(new Branch(9, 1, 3), new Branch(6, 1, 2), new Branch(6, 1, 2));
        assertEquals(List.of(1, 2), ConcurrentSet.choose(branches, 4, 60, true));
        assertEquals(List.of(0, 1), ConcurrentSet.choose(branches, 5, 60, true));
    }

    @Test
    void aBranchOnTheAcceleratorTakesNoThread() {
        List<Branch> branches = List.of(new Branch(9, 1, 0), new Branch(6, 1, 2), new Branch(5, 1, 1));
        assertEquals(List.of(0, 1), ConcurrentSet.choose(branches, 2, 60, true));
        assertEquals(List.of(0), ConcurrentSet.choose(branches, 0, 60, true));
    }

    @Test
    void noSetOfTheBudgetSavesMore() {
        Random random = new Random(9);
        for (int trial = 0; trial < 3_000; trial++) {
            requireThatNoSetSavesMore(1 + random.nextInt(9), random);
        }
    }

    @Test
    void theChoiceIsExactForTwentyBranches() {
        Random random = new Random(20);
        for (int trial = 0; trial < 3; trial++) {
            requireThatNoSetSavesMore(ConcurrentSet.EXACT_UP_TO, random);
        }
    }

    private static void requireThatNoSetSavesMore(int size, Random random) {
        List<Branch> branches = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            branches.add(new Branch(random.nextInt(30), random.nextInt(20), random.nextInt(4)));
        }
        long budget = random.nextInt(80);
        int places = 1 + random.nextInt(5);
        boolean alone = random.nextBoolean();
        int chosen = ConcurrentSet.choose(branches, places, budget, alone).stream().mapToInt(i -> 1 << i).sum();

        assertTrue(threads(branches, chosen) <= places || alone && Integer.bitCount(chosen) == 1);
        assertTrue(bytes(branches, chosen) <= budget || alone && Integer.bitCount(chosen) == 1);
        long most = saved(branches, chosen, alone);
        for (int subset = 1; subset < 1 << branches.size(); subset++) {
            if (bytes(branches, subset) <= budget && threads(branches, subset) <= places && saved(branches, subset, alone) > most) {
                fail(subset + " of " + branches + " saves more than " + chosen);
            }
        }
    }

    private static long bytes(List<Branch> branches, int subset) {
        return IntStream.range(0, branches.size()).filter(i -> (subset >> i & 1) == 1).mapToLong(i -> branches.get(i).bytes()).sum();
    }

    private static int threads(List<Branch> branches, int subset) {
        return IntStream.range(0, branches.size()).filter(i -> (subset >> i & 1) == 1).map(i -> branches.get(i).threads()).sum();
    }

    private static long saved(List<Branch> branches, int subset, boolean alone) {
        long sum = IntStream.range(0, branches.size()).filter(i -> (subset >> i & 1) == 1).mapToLong(i -> branches.get(i).work()).sum();
        long heaviest = IntStream.range(0, branches.size())
                .filter(i -> (subset >> i & 1) == 1)
                .mapToLong(i -> branches.get(i).work())
                .max()
                .orElse(0);
        return alone ? sum - heaviest : sum;
    }
}
