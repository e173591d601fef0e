package io.parallaxfleet.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Loop or Scan whose body runs by a plan of its own, iteration by iteration.
 *
 * @param node index of the operator
 * @param bound what ends it
 * @param initial tensors that the first iteration is handed, in order; the body hands on as many
 * @param stacked how each further result of the body becomes part of a result of the operator
 * @param body plan of {@value #BODY}
 */
public record Iteration(int node, Bound bound, List<String> initial, List<Axis> stacked, EnginePlan body) implements ControlFlow {
    static final String BODY = "body";

    public Iteration {
        initial = List.copyOf(initial);
        stacked = List.copyOf(stacked);
    }

    /**
     * An axis along which the iterations of a Scan read or write.
     *
     * @param axis of the whole tensor, not negative
     * @param backwards whether the first iteration is at its end
     */
    public record Axis(int axis, boolean backwards) {}

    /** A tensor that the iterations of a Scan read slice by slice. */
    public record Scanned(String tensor, Axis along) {}

    /** What ends the iterations. */
    public sealed interface Bound {
        /** Inputs of the body in front of what is handed on. */
        int leadingInputs();

        /** Results of the body in front of what is handed on. */
        int leadingOutputs();

        /**
         * Of a Loop: a number of trips, and a condition that the body computes.
         *
         * @param mostTrips tensor with the trip count; empty: no bound
         * @param condition tensor that decides on the first iteration; empty: it runs
         */
        record TripsAndCondition(Optional<String> mostTrips, Optional<String> condition) implements Bound {
            @Override
            public int leadingInputs() {
                return 2;
            }

            @Override
            public int leadingOutputs() {
                return 1;
            }
        }

        /** Of a Scan: the length of what is scanned. */
        record Sequence(List<Scanned> scanned) implements Bound {
            public Sequence {
                scanned = List.copyOf(scanned);
            }

            @Override
            public int leadingInputs() {
                return 0;
            }

            @Override
            public int leadingOutputs() {
                return 0;
            }
        }
    }

    @Override
    public Map<String, EnginePlan> bodies() {
        return Map.of(BODY, body);
    }

    @Override
    public Iteration onOneThread() {
        return new Iteration(node, bound, initial, stacked, body.onOneThread());
    }

    @Override
    public long arenaBytes() {
        return body.arenaBytes();
    }

    @Override
    public String reason() {
        return "each iteration runs by a plan of the body";
    }
}
