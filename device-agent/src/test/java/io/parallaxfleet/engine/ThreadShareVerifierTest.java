package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PlanningOnly;
import io.parallaxfleet.schedule.ThreadShares;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("threads of the steps of a plan")
class ThreadShareVerifierTest {
    private static final TensorType SQUARE = TensorType.of(ElementType.FLOAT, 256, 256);
    private static final ThreadShareVerifier.StepTime TIME = (threads, macs) -> ThreadShares.time(macs, threads);

    /** A plan of a fork into chains of so many products each, joined at the end, every layer that could side by side. */
    private static EnginePlan plan(int threads, int... products) {
        List<Node> nodes = new ArrayList<>(List.of(node(0, "MatMul", List.of("in", "w"))));
        List<String> ends = new ArrayList<>();
        for (int chain : products) {
            String last = "t0";
            for (int product = 0; product < chain; product++) {
                nodes.add(node(nodes.size(), "MatMul", List.of(last, "w")));
                last = "t" + (nodes.size() - 1);
            }
            ends.add(last);
        }
        nodes.add(node(nodes.size(), "Concat", ends));
        Map<String, TensorType> types = new HashMap<>(Map.of("in", SQUARE));
        nodes.forEach(node -> types.put("t" + node.index(), SQUARE));
        ModelGraph graph = new ModelGraph(
                "fork", nodes, List.of("in"), List.of("t" + (nodes.size() - 1)), types, Map.of("w", SQUARE));
        return EnginePlanner.plan(
                PlanningOnly.of(graph), OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Everywhere(), threads);
    }

    private static Node node(int index, String type, List<String> inputs) {
        return new Node(index, type + index, "", type, inputs, List.of("t" + index), List.of(), false, Attributes.NONE);
    }

    private static List<Integer> threadsOf(EnginePlan plan) {
        return plan.steps().stream().map(PlanStep::threads).toList();
    }

    @Test
    @DisplayName("wide steps have all, and a heavy chain more than its neighbours")
    void mixesWideStepsAndShares() {
        assertEquals(List.of(8, 6, 1, 1, 8), threadsOf(plan(8, 9, 1, 1)));
        assertEquals(List.of(0, 0, 6, 7, 0), plan(8, 9, 1, 1).steps().stream().map(PlanStep::firstThread).toList());
    }

    @Test
    @DisplayName("on two threads every branch beside others has one, whatever the plan")
    void twoThreadsAreOneEach() {
        Random random = new Random(4);
        for (int trial = 0; trial < 1_000; trial++) {
            List<Integer> threads = threadsOf(plan(2, randomChains(random)));
            assertEquals(2, threads.get(0));
            assertEquals(2, threads.get(threads.size() - 1));
            assertTrue(threads.subList(1, threads.size() - 1).stream().allMatch(count -> count == 1), "trial " + trial);
        }
    }

    @Test
    @DisplayName("no layer of random plans holds more than there are, one twice, or could be divided better")
    void verifiesRandomPlans() {
        Random random = new Random(5);
        for (int trial = 0; trial < 1_000; trial++) {
            EnginePlan plan = plan(2 + random.nextInt(15), randomChains(random));
            assertDoesNotThrow(() -> ThreadShareVerifier.verify(plan, TIME), "trial " + trial);
        }
    }

    private static int[] randomChains(Random random) {
        return random.ints(2 + random.nextInt(6), 1, 12).toArray();
    }

    @Test
    @DisplayName("a thread given twice is found")
    void findsAThreadGivenTwice() {
        assertRefused(step -> with(step, step.threads(), 0), "twice");
    }

    @Test
    @DisplayName("threads beyond the plan's are found")
    void findsThreadsBeyondThePlan() {
        assertRefused(step -> with(step, step.threads() + 3, step.firstThread()), "of 8");
    }

    @Test
    @DisplayName("a division that leaves the heavy chain with one thread is found")
    void findsAPoorDivision() {
        assertRefused(step -> with(step, step.threads() == 8 ? 8 : 1, step.firstThread()), "could be divided");
    }

    private static void assertRefused(UnaryOperator<PlanStep> change, String rule) {
        EnginePlan plan = plan(8, 9, 1, 1);
        EnginePlan broken = new EnginePlan(plan.id(), plan.model(), plan.modelHash(), plan.shapeKey(), plan.policyEpoch(), plan.execution(),
                plan.branches(), plan.threads(), plan.steps().stream().map(change).toList(), plan.memory(), plan.crossing(),
                plan.handedOn(), plan.arenaBytes(), plan.oneSessionArenaBytes());
        String message = assertThrows(IllegalStateException.class, () -> ThreadShareVerifier.verify(broken, TIME)).getMessage();
        assertTrue(message.contains(rule), message);
    }

    private static PlanStep with(PlanStep step, int threads, int firstThread) {
        return new PlanStep(step.name(), step.layer(), step.placement(), step.region(), step.nodes(), step.inputs(), step.outputs(),
                step.macs(), step.boundaryBytes(), step.arenaBytes(), step.predecessors(), threads, firstThread, step.controlFlow(),
                step.reason());
    }
}
