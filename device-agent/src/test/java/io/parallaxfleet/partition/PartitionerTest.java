package io.parallaxfleet.partition;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.graph.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartitionerTest {
    private static final DelegationPolicy ANYTHING = new DelegationPolicy.Thresholds(1, 0, 1e9);

    private static List<List<Integer>> regions(ModelGraph graph, Set<Integer> supported) {
        return Partitioner.partition(graph, (ignored, node) -> supported.contains(node.index()), ANYTHING).verdicts().stream()
                .map(verdict -> verdict.region().nodes())
                .toList();
    }

    @Test
    void aSupportedChainIsOneRegion() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1)));

        assertEquals(List.of(List.of(0, 1, 2)), regions(chain, Set.of(0, 1, 2)));
    }

    @Test
    void anUnsupportedDetourKeepsItsEndsApart() {
        // 0 -> 1 -> 2 and 0 -> 2; only 1 is not supported.
        ModelGraph detour = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0, 1)));

        assertEquals(List.of(List.of(0), List.of(2)), regions(detour, Set.of(0, 2)));
    }

    @Test
    void twoRegionsThatWouldWaitForEachOtherAreNotBothGrown() {
        // {0, 5} and {1, 4} could each be a region; over the unsupported 2 and 3, 0 -> 2 -> 4 and 1 -> 3 -> 5, both could not.
        ModelGraph crossed = RandomGraphs.ofReads(
                List.of(List.of(), List.of(), List.of(0), List.of(1), List.of(1, 2), List.of(0, 3)));

        assertEquals(List.of(List.of(0, 5), List.of(1), List.of(4)), regions(crossed, Set.of(0, 1, 4, 5)));
    }

    @Test
    void anUnsupportedSourceDoesNotSeparateWhatItFeeds() {
        ModelGraph graph = RandomGraphs.ofReads(List.of(List.of(), List.of(), List.of(1), List.of(0, 2)));

        assertEquals(List.of(List.of(1, 2, 3)), regions(graph, Set.of(1, 2, 3)));
    }

    @Test
    void operatorsWithDynamicShapesOrSubGraphsAreInNoRegionWhateverTheAcceleratorSays() {
        List<Node> nodes = List.of(
                node(0, "NonZero", List.of("in"), "dynamic", false),
                node(1, "Relu", List.of("dynamic"), "stillUnknown", false),
                node(2, "If", List.of("in"), "branchResult", true),
                node(3, "Relu", List.of("in"), "plain", false));
        TensorType floats = TensorType.of(ElementType.FLOAT, 8);
        ModelGraph graph = new ModelGraph("g", nodes, List.of("in"), List.of("stillUnknown", "branchResult", "plain"),
                Map.of("in", floats, "plain", floats, "branchResult", floats, "dynamic",
                        TensorType.of(ElementType.INT64, 1, TensorType.DYNAMIC)),
                Map.of());

        assertEquals(List.of(List.of(3)), regions(graph, Set.of(0, 1, 2, 3)));
    }

    private static Node node(int index, String type, List<String> inputs, String output, boolean controlFlow) {
        return new Node(index, type + index, "", type, inputs, List.of(output), List.of(), controlFlow, Attributes.NONE);
    }

    @Test
    void boundaryAndWorkAreThoseOfTheRegion() {
        // 0 -> 1 -> 3 and 0 -> 2 -> 3; 0, 1 and 2 are supported, 1 and 2 leave.
        ModelGraph diamond = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0), List.of(1, 2)));

        Region region = Partitioner.partition(diamond, (ignored, node) -> node.index() < 3, ANYTHING).verdicts().get(0).region();

        assertEquals(List.of("in"), region.inputs());
        assertEquals(List.of("t1", "t2"), region.outputs());
        assertEquals(3 * 64, region.macs());
        assertEquals(3 * 64 * 4, region.boundaryBytes());
    }

    @Test
    void exactlyOffersTheListedOperatorsAndNoOthers() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2)));

        Partition partition = Partitioner.partition(chain, (ignored, node) -> true, new DelegationPolicy.Exactly(Set.of(1, 2)));

        assertEquals(List.of(List.of(1, 2)), partition.delegated().stream().map(Region::nodes).toList());
        assertTrue(partition.pruned().isEmpty());
    }

    @Test
    void everyPromiseHoldsOnTenThousandRandomGraphs() {
        Random random = new Random(20251211);
        for (int trial = 0; trial < 10_000; trial++) {
            ModelGraph graph = RandomGraphs.ofAnyShape(random, 40);
            OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
            Partition partition = Partitioner.partition(graph, support, ANYTHING);

            assertDoesNotThrow(() -> PartitionVerifier.verify(partition, support), "trial " + trial);
        }
    }

    @Test
    void noFamilyOfCandidatesThatHangsTogetherCouldBeOne() {
        Random random = new Random(31337);
        for (int trial = 0; trial < 2_000; trial++) {
            ModelGraph graph = RandomGraphs.ofAnyShape(random, 18);
            OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
            List<Region> regions = Partitioner.partition(graph, support, ANYTHING).verdicts().stream().map(Verdict::region).toList();
            if (regions.size() > 8) {
                continue;
            }
            for (int family = 0; family < 1 << regions.size(); family++) {
                assertTrue(Integer.bitCount(family) < 2 || !couldBeOne(graph, regions, family), "trial " + trial + ", family " + family);
            }
        }
    }

    /** Whether the family's operators hang together and contracting them, beside the other regions, leaves no cycle. */
    private static boolean couldBeOne(ModelGraph graph, List<Region> regions, int family) {
        int[] vertex = new int[graph.size()];
        for (int node = 0; node < graph.size(); node++) {
            vertex[node] = node;
        }
        int whole = -1;
        for (Region region : regions) {
            boolean inFamily = (family >> region.index() & 1) == 1;
            whole = inFamily && whole < 0 ? region.nodes().get(0) : whole;
            for (int node : region.nodes()) {
                vertex[node] = inFamily ? whole : region.nodes().get(0);
            }
        }
        boolean[][] reaches = new boolean[graph.size()][graph.size()];
        boolean[][] touches = new boolean[graph.size()][graph.size()];
        for (int node = 0; node < graph.size(); node++) {
            for (int next : graph.successors(node)) {
                reaches[vertex[node]][vertex[next]] |= vertex[node] != vertex[next];
                boolean both = vertex[node] == whole && vertex[next] == whole;
                touches[node][next] |= both;
                touches[next][node] |= both;
            }
        }
        close(reaches);
        close(touches);
        boolean together = true;
        for (int node = 0; node < graph.size(); node++) {
            if (reaches[node][node]) {
                return false;
            }
            together &= vertex[node] != whole || node == whole || touches[whole][node];
        }
        return together;
    }

    /** Floyd and Warshall's closure. */
    private static void close(boolean[][] relation) {
        for (int middle = 0; middle < relation.length; middle++) {
            for (boolean[] row : relation) {
                for (int to = 0; row[middle] && to < relation.length; to++) {
                    row[to] |= relation[middle][to];
                }
            }
        }
    }

    @Test
    void everyPromiseHoldsOnAGraphOfFourThousandOperators() {
        Random random = new Random(4000);
        for (double share : new double[] {0.9, 0.99}) {
            ModelGraph graph = RandomGraphs.graph(random, new RandomGraphs.Mix(4000, 0.9, 0.01, 0.001));
            OperatorSupport support = RandomGraphs.support(random, graph, share);
            Partition partition = Partitioner.partition(graph, support, ANYTHING);

            assertDoesNotThrow(() -> PartitionVerifier.verify(partition, support));
        }
    }

    @Test
    void equalInputsGiveEqualPartitions() {
        ModelGraph graph = RandomGraphs.graph(new Random(7), new RandomGraphs.Mix(300, 0.6, 0.05, 0.02));
        OperatorSupport support = RandomGraphs.support(new Random(8), graph, 0.7);

        assertEquals(
                Partitioner.partition(graph, support, ANYTHING).verdicts(),
                Partitioner.partition(graph, support, ANYTHING).verdicts());
    }
}
