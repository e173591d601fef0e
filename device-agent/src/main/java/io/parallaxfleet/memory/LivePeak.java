package io.parallaxfleet.memory;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The most bytes of tensors alive at once while a list of nodes runs in order: a linear sweep over the interval end points of
 * their lifetimes (Parallax, Section 3.3). A lower bound of every placement without fragmentation. O(V + T log T).
 */
public final class LivePeak {
    private LivePeak() {}

    /**
     * Peak over the tensors that the nodes write and {@code counted} accepts. A tensor that a node outside the list reads, or
     * that is a graph output, lives to the end. Tensors with a data-dependent size count 0, {@linkplain ViewOperators views} too:
     * they keep alive what they show.
     *
     * @param nodes node indices in execution order
     */
    public static long bytes(ModelGraph graph, List<Integer> nodes, Predicate<String> counted) {
        Map<Integer, Integer> positions = new HashMap<>();
        for (int position = 0; position < nodes.size(); position++) {
            positions.put(nodes.get(position), position);
        }
        Set<String> graphOutputs = new HashSet<>(graph.outputs());
        TreeMap<Integer, Long> changes = new TreeMap<>();
        for (int position = 0; position < nodes.size(); position++) {
            for (String tensor : (Iterable<String>) graph.node(nodes.get(position)).writes()::iterator) {
                long bytes = graph.type(tensor).filter(TensorType::isStatic).map(TensorType::bytes).orElse(0L);
                if (bytes == 0 || !counted.test(tensor) || ViewOperators.isView(graph.node(nodes.get(position)))) {
                    continue;
                }
                int last = Math.max(position, lastUse(graph, tensor, positions, graphOutputs, nodes.size() - 1));
                changes.merge(position, bytes, Long::sum);
                changes.merge(last + 1, -bytes, Long::sum);
            }
        }
        long live = 0;
        long peak = 0;
        for (long change : changes.values()) {
            live += change;
            peak = Math.max(peak, live);
        }
        return peak;
    }

    /** Position of the last use; {@code end} where it is used after the nodes, -1 where nobody uses it. */
    private static int lastUse(ModelGraph graph, String tensor, Map<Integer, Integer> positions, Set<String> graphOutputs, int end) {
        int last = graphOutputs.contains(tensor) ? end : -1;
        for (int consumer : graph.consumers(tensor)) {
            last = Math.max(last, positions.getOrDefault(consumer, end));
            if (ViewOperators.isViewOf(graph.node(consumer), tensor)) {
                last = Math.max(last, lastUse(graph, graph.node(consumer).outputs().get(0), positions, graphOutputs, end));
            }
        }
        return last;
    }
}
