package io.parallaxfleet.branch;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The graph after delegation: each kept region is one vertex, every other operator its own. Units are ordered by first operator. */
final class UnitGraph {
    private final List<Unit> units = new ArrayList<>();
    private final List<List<Integer>> successors = new ArrayList<>();
    private final List<List<Integer>> predecessors = new ArrayList<>();

    private UnitGraph() {}

    static UnitGraph of(Partition partition) {
        ModelGraph graph = partition.graph();
        UnitGraph result = new UnitGraph();
        Region[] regionOf = new Region[graph.size()];
        for (Region region : partition.delegated()) {
            region.nodes().forEach(node -> regionOf[node] = region);
        }
        int[] unitOf = new int[graph.size()];
        for (int node = 0; node < graph.size(); node++) {
            Region region = regionOf[node];
            if (region == null) {
                unitOf[node] = result.add(new Unit.CpuOperator(graph.node(node)));
            } else if (region.nodes().get(0) == node) {
                unitOf[node] = result.add(new Unit.Delegated(region));
            } else {
                unitOf[node] = unitOf[region.nodes().get(0)];
            }
        }
        result.connect(graph, unitOf);
        return result;
    }

    private int add(Unit unit) {
        units.add(unit);
        successors.add(new ArrayList<>());
        predecessors.add(new ArrayList<>());
        return units.size() - 1;
    }

    private void connect(ModelGraph graph, int[] unitOf) {
        // The unit that last saw each unit as a neighbour: keeps neighbours distinct in linear time.
        int[] seenBy = new int[units.size()];
        Arrays.fill(seenBy, -1);
        for (int unit = 0; unit < units.size(); unit++) {
            for (int node : units.get(unit).nodes()) {
                for (int before : graph.predecessors(node)) {
                    int from = unitOf[before];
                    if (from != unit && seenBy[from] != unit) {
                        seenBy[from] = unit;
                        predecessors.get(unit).add(from);
                        successors.get(from).add(unit);
                    }
                }
            }
        }
    }

    int size() {
        return units.size();
    }

    Unit unit(int unit) {
        return units.get(unit);
    }

    /** Distinct units that read what this unit writes. */
    List<Integer> successors(int unit) {
        return successors.get(unit);
    }

    /** Distinct units whose outputs this unit reads. */
    List<Integer> predecessors(int unit) {
        return predecessors.get(unit);
    }

    /** Whether the unit continues the chain of its only predecessor: that one feeds nobody else and both are on the CPU. */
    boolean continuesChain(int unit) {
        if (predecessors.get(unit).size() != 1) {
            return false;
        }
        int before = predecessors.get(unit).get(0);
        return successors.get(before).size() == 1
                && units.get(unit) instanceof Unit.CpuOperator
                && units.get(before) instanceof Unit.CpuOperator;
    }
}
