package io.parallaxfleet.engine;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.Layer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which layers run their CPU branches side by side, the threads divided among them. Every other layer is merged into steps of all threads. */
public sealed interface SideBySide {
    /** @param onCpu the layer's branches on the CPU, at least two, with work worth a hand-over */
    boolean admits(Layer layer, List<Branch> onCpu);

    /**
     * The same question inside a sub-graph of an operator.
     *
     * @param body as {@link ControlFlow#bodyName} has it
     */
    SideBySide inBody(String body);

    /** None: a plan that delegates nothing is one session. */
    record Nowhere() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return false;
        }

        @Override
        public SideBySide inBody(String body) {
            return this;
        }
    }

    /** The layers that the paper's β and N refinement calls parallel (Section 3.2). */
    record ParallelLayers() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return layer.parallel();
        }

        @Override
        public SideBySide inBody(String body) {
            return this;
        }
    }

    /** Every layer that could: what a measurement starts from. Sub-graphs are measured one by one and are left out. */
    record Everywhere() implements SideBySide {
        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return true;
        }

        @Override
        public SideBySide inBody(String body) {
            return new Nowhere();
        }
    }

    /**
     * Layers that were measured to gain. Named by their operators and not by their index, so that the answer holds for plans that
     * delegate some of the model.
     *
     * @param operators node indices of the graph
     * @param bodies what was measured of the sub-graphs that gain; the others run nothing side by side
     */
    record Measured(Set<Integer> operators, Map<String, SideBySide> bodies) implements SideBySide {
        public Measured {
            operators = Set.copyOf(operators);
            bodies = Map.copyOf(bodies);
        }

        public Measured(Set<Integer> operators) {
            this(operators, Map.of());
        }

        @Override
        public boolean admits(Layer layer, List<Branch> onCpu) {
            return onCpu.stream().allMatch(branch -> operators.containsAll(branch.nodes()));
        }

        @Override
        public SideBySide inBody(String body) {
            return bodies.getOrDefault(body, new Nowhere());
        }
    }
}
