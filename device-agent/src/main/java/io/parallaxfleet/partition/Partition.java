package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import java.util.List;

/**
 * A graph cut into delegate regions and CPU operators.
 *
 * @param verdicts one for each candidate region, in region order
 */
public record Partition(ModelGraph graph, DelegationPolicy policy, List<Verdict> verdicts) {
    public Partition {
        verdicts = List.copyOf(verdicts);
    }

    /** The regions that go to the accelerator. */
    public List<Region> delegated() {
        return verdicts.stream()
                .filter(Verdict.Kept.class::isInstance)
                .map(Verdict::region)
                .toList();
    }

    /** The regions whose operators fall back to the CPU. */
    public List<Verdict.Pruned> pruned() {
        return verdicts.stream()
                .filter(Verdict.Pruned.class::isInstance)
                .map(Verdict.Pruned.class::cast)
                .toList();
    }
}
