package io.parallaxfleet.branch;

import io.parallaxfleet.graph.Node;
import io.parallaxfleet.partition.Region;
import java.util.List;

/** An indivisible piece of work after delegation (Parallax, Section 3.2). */
public sealed interface Unit {
    /** Node indices, ascending. */
    List<Integer> nodes();

    /** One operator on the CPU; also an If, Loop or Scan with all it holds. */
    record CpuOperator(Node node) implements Unit {
        @Override
        public List<Integer> nodes() {
            return List.of(node.index());
        }
    }

    /** A whole delegated region. */
    record Delegated(Region region) implements Unit {
        @Override
        public List<Integer> nodes() {
            return region.nodes();
        }
    }
}
