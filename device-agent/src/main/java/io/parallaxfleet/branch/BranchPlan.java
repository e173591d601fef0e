package io.parallaxfleet.branch;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.partition.Partition;
import java.util.List;

/** Branches and layers of a partitioned graph: every operator is in exactly one branch, every branch in exactly one layer. */
public record BranchPlan(Partition partition, List<Branch> branches, List<Layer> layers) {
    public BranchPlan {
        branches = List.copyOf(branches);
        layers = List.copyOf(layers);
    }

    public ModelGraph graph() {
        return partition.graph();
    }

    public long parallelLayers() {
        return layers.stream().filter(Layer::parallel).count();
    }

    public int maxBranchesInLayer() {
        return layers.stream().mapToInt(layer -> layer.branches().size()).max().orElse(0);
    }
}
