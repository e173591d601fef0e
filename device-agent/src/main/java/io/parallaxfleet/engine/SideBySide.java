package io.parallaxfleet.engine;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.Layer;
import java.util.List;
import java.util.Set;

/** Which layers run their CPU branches side by side, one thread each. Every other layer is merged into steps of all threads. */
public sealed interface SideBySide {
    /** @param onCpu the layer's branches on the CPU, at least two, with work worth a hand-over */
    boolean admits(Layer layer, List<Branch> onCpu);

    /** None: a plan that delegates nothing is one session. */
    record Nowhere() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return false;
        }
    }

    /** The layers that the paper's β and N refinement calls parallel (Section 3.2). */
    record ParallelLayers() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return layer.parallel();
        }
    }

    /** Every layer that could: what a measurement starts from. */
    record Everywhere() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return true;
        }
    }

    /**
     * Layers that were measured to gain. Named by their operators and not by their index, so that the answer holds for plans that
     * delegate some of the model.
     *
     * @param operators node indices of the graph
     */
    record Measured(Set<Integer> operators) implements SideBySide {
        public Measured {
            operators = Set.copyOf(operators);
        }

        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return onCpu.stream().allMatch(branch -> operators.containsAll(branch.nodes()));
        }
    }
}
