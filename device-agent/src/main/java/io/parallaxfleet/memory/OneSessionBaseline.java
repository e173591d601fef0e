package io.parallaxfleet.memory;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.HashSet;
import java.util.Set;

/**
 * The baseline of the memory overhead: what the intermediate tensors would take if one session ran the operators one after
 * another in graph order, each tensor in the tightest free gap of one arena, freed after its last reader. Graph outputs live to
 * the end; {@linkplain ViewOperators views} share the storage of what they show; inputs, initialisers, tensors of unknown size and
 * scratch memory inside operators are not counted, nor are operators that could work in place. Sizes count rounded up to {@link MemoryPlan#ALIGNMENT_BYTES}, as in a {@link MemoryPlan}.
 */
public final class OneSessionBaseline {
    private OneSessionBaseline() {}

    /** Planned peak bytes. O(T²) at worst. */
    public static long bytes(ModelGraph graph) {
        Set<String> graphOutputs = new HashSet<>(graph.outputs());
        // An entry is the index of the operator that reads the tensor last.
        Arena<Integer> arena = new Arena<>();
        for (Node node : graph.nodes()) {
            for (String tensor : (Iterable<String>) node.writes()::iterator) {
                long bytes = graph.type(tensor).filter(TensorType::isStatic).map(TensorType::bytes).orElse(0L);
                if (ViewOperators.isView(node) && !graphOutputs.contains(tensor)) {
                    continue;
                }
                int last = graphOutputs.contains(tensor)
                        ? graph.size()
                        : Math.max(node.index(), ViewOperators.lastReader(graph, tensor));
                if (bytes > 0) {
                    arena.place(last, arena.bestFit(bytes, lastReader -> lastReader >= node.index()).offset(), bytes);
                }
            }
        }
        return arena.bytes();
    }
}
