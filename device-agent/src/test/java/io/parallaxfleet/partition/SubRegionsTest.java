package io.parallaxfleet.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.RandomGraphs;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubRegionsTest {
    @Test
    void everyDrawIsExactlyOneRegionWhenOffered() {
        Random random = new Random(11);
        for (int trial = 0; trial < 3_000; trial++) {
            ModelGraph graph = RandomGraphs.graph(random, 40);
            OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
            Optional<Region> drawn = SubRegions.draw(graph, support, random);
            if (drawn.isPresent()) {
                Partition partition =
                        Partitioner.partition(graph, support, new DelegationPolicy.Exactly(Set.copyOf(drawn.get().nodes())));

                assertEquals(List.of(drawn.get()), partition.delegated(), "trial " + trial);
                PartitionVerifier.verify(partition, support);
            }
        }
    }

    @Test
    void nothingIsDrawnWhereNothingIsSupported() {
        ModelGraph graph = RandomGraphs.graph(new Random(1), 20);

        assertEquals(Optional.empty(), SubRegions.draw(graph, OperatorSupport.none(), new Random(2)));
    }

    @Test
    void drawsVaryInWork() {
        ModelGraph graph = RandomGraphs.graph(new Random(3), new RandomGraphs.Mix(200, 0.9, 0, 0));
        Random random = new Random(4);
        Set<Long> work = new HashSet<>();
        for (int draw = 0; draw < 100; draw++) {
            work.add(SubRegions.draw(graph, (ignored, node) -> true, random).orElseThrow().macs());
        }

        assertTrue(work.size() >= 50, "only " + work.size() + " different amounts in 100 draws");
    }
}
