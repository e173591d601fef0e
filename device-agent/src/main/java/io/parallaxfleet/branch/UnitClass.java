package io.parallaxfleet.branch;

import io.parallaxfleet.partition.Partition;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a unit does to the flow of the unit graph (Parallax, Section 3.2), by the distinct units before and after it. The paper
 * has no class for units without any; they are sources and sinks here.
 */
public enum UnitClass {
    /** Nothing before it; whatever is after it. */
    SOURCE,
    /** Nothing after it, something before it. */
    SINK,
    /** One before, one after. */
    SEQUENTIAL,
    /** One before, several after. */
    SPLITTER,
    /** Several before, one after. */
    MERGER,
    /** Several before, several after; also every If, Loop and Scan, whose sub-graphs split and merge inside. */
    SPLIT_MERGE;

    /** The class of a unit with that many distinct units before and after it. */
    public static UnitClass of(Unit unit, int before, int after) {
        if (unit instanceof Unit.CpuOperator operator && operator.node().controlFlow()) {
            return SPLIT_MERGE;
        }
        if (before == 0) {
            return SOURCE;
        }
        if (after == 0) {
            return SINK;
        }
        if (before == 1) {
            return after == 1 ? SEQUENTIAL : SPLITTER;
        }
        return after == 1 ? MERGER : SPLIT_MERGE;
    }

    /** How many units of the partitioned graph are in each class; every class is a key. */
    public static Map<UnitClass, Integer> census(Partition partition) {
        Map<UnitClass, Integer> counts = new EnumMap<>(UnitClass.class);
        for (UnitClass unitClass : values()) {
            counts.put(unitClass, 0);
        }
        UnitGraph graph = UnitGraph.of(partition);
        for (int unit = 0; unit < graph.size(); unit++) {
            UnitClass unitClass = of(graph.unit(unit), graph.predecessors(unit).size(), graph.successors(unit).size());
            counts.merge(unitClass, 1, Integer::sum);
        }
        return counts;
    }
}
