package io.parallaxfleet.check;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partitioner;
import java.util.List;

/**
 * The measures of the paper's Table 7.
 *
 * @param stage which delegation it is about
 * @param nodes units: operators and delegated regions
 * @param delegatedRegions delegated regions among them
 * @param branches maximal linear chains
 * @param layers topological levels of the branches
 * @param layersWithChoice layers with more than one branch
 * @param parallelLayers of them, those that pass the β and N refinement
 * @param maxBranches most branches in a layer
 */
public record PlanStructure(
        String stage,
        int nodes,
        int delegatedRegions,
        int branches,
        int layers,
        long layersWithChoice,
        long parallelLayers,
        int maxBranches) {
    /** Without delegation, with everything supported delegated, and with what a policy keeps. */
    public static List<PlanStructure> stages(ModelGraph graph, OperatorSupport support, DelegationPolicy policy, BranchOptions options) {
        return List.of(
                of("before delegation", graph, support, new DelegationPolicy.Never(), options),
                of("all supported delegated", graph, support, new DelegationPolicy.Everything(), options),
                of("after pruning", graph, support, policy, options));
    }

    static PlanStructure of(
            String stage, ModelGraph graph, OperatorSupport support, DelegationPolicy policy, BranchOptions options) {
        BranchPlan plan = BranchPlanner.plan(Partitioner.partition(graph, support, policy), options);
        return new PlanStructure(
                stage,
                plan.branches().stream().mapToInt(branch -> branch.units().size()).sum(),
                plan.partition().delegated().size(),
                plan.branches().size(),
                plan.layers().size(),
                plan.layers().stream().filter(layer -> layer.branches().size() > 1).count(),
                plan.parallelLayers(),
                plan.maxBranchesInLayer());
    }
}
