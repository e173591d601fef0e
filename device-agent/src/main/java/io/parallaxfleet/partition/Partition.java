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

    /** The verdicts on the regions whose operators fall back to the CPU. */
    public List<Verdict> pruned() {
        return verdicts.stream().filter(verdict -> !(verdict instanceof Verdict.Kept)).toList();
    }
}
