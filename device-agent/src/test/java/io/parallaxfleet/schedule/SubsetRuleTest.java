package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schedule.ConcurrentSet.Branch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SubsetRuleTest {
    /** Three light branches fill the budget that would hold the two heavy ones. */
    private static final List<Branch> THREE_LIGHT_TWO_HEAVY = List.of(
            new Branch(1, 20), new Branch(1, 20), new Branch(1, 20), new Branch(50, 30), new Branch(40, 30));

    @Test
    @DisplayName("the paper's rule takes three light branches where the engine's takes two heavy ones")
    void rulesDiffer() {
        assertEquals(List.of(0, 1, 2), SubsetRule.MOST_NUMEROUS.choose(THREE_LIGHT_TWO_HEAVY, 4, 60, true));
        assertEquals(List.of(3, 4), SubsetRule.MOST_TIME_SAVED.choose(THREE_LIGHT_TWO_HEAVY, 4, 60, true));
    }

    @Test
    @DisplayName("no set within the budget and the places has more branches than the most numerous")
    void noneIsMoreNumerous() {
        Random random = new Random(31);
        for (int trial = 0; trial < 2_000; trial++) {
            List<Branch> branches = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(9); i++) {
                branches.add(new Branch(random.nextInt(30), random.nextInt(20)));
            }
            long budget = random.nextInt(80) - 5;
            int places = 1 + random.nextInt(5);
            boolean alone = random.nextBoolean();
            List<Integer> chosen = SubsetRule.MOST_NUMEROUS.choose(branches, places, budget, alone);

            assertTrue(bytes(branches, chosen) <= budget || chosen.size() <= (alone ? 1 : 0), "trial " + trial);
            for (int subset = 1; subset < 1 << branches.size(); subset++) {
                int bits = subset;
                List<Integer> other = IntStream.range(0, branches.size()).filter(i -> (bits >> i & 1) == 1).boxed().toList();
                boolean possible = other.size() <= places && bytes(branches, other) <= budget;
                assertTrue(!possible || other.size() <= chosen.size(), "trial " + trial + ": " + other + " outnumbers " + chosen);
            }
        }
    }

    private static long bytes(List<Branch> branches, List<Integer> subset) {
        return subset.stream().mapToLong(branch -> branches.get(branch).bytes()).sum();
    }

    @Test
    @DisplayName("under either rule the smallest branch runs alone where none fits, and none does beside others")
    void neverStalls() {
        for (SubsetRule rule : SubsetRule.values()) {
            List<Branch> branches = List.of(new Branch(9, 50), new Branch(1, 20));
            assertEquals(List.of(1), rule.choose(branches, 2, -1, true));
            assertEquals(List.of(), rule.choose(branches, 2, 10, false));
            assertEquals(List.of(), rule.choose(List.of(), 2, 10, true));
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    @DisplayName("the executor starts what its rule chooses")
    void theExecutorFollowsItsRule() {
        assertEquals(List.of(0, 1, 2), firstOnes(SubsetRule.MOST_NUMEROUS, 3));
        assertEquals(List.of(3, 4), firstOnes(SubsetRule.MOST_TIME_SAVED, 2));
    }

    /** The tasks that a run starts first, one thread working, so that the order of starts is the scheduler's. */
    private static List<Integer> firstOnes(SubsetRule rule, int count) {
        TaskGraph graph = new TaskGraph(THREE_LIGHT_TWO_HEAVY.stream()
                .map(branch -> new Task(List.of(), 0, Task.Resource.threads(1), branch.bytes(), branch.work()))
                .toList());
        RunState state = new RunState(graph, new Scheduling(false, rule));
        state.begin(4, 60, task -> {}, new RunRecord(graph.size()));
        List<Integer> started = new ArrayList<>();
        for (int task = state.claim(0); task >= 0; task = state.claim(0)) {
            started.add(task);
        }
        Collections.sort(started);
        return started.subList(0, count);
    }
}
