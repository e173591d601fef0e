package io.parallaxfleet.branch;

import java.util.List;

/**
 * Mutually independent branches of one topological level.
 *
 * @param branches branch indices, ascending
 * @param parallel whether the β and N refinement lets them run side by side (Section 3.2: every branch N > 2 and F_max/F_min
 *     <= β)
 */
public record Layer(int index, List<Integer> branches, boolean parallel) {
    public Layer {
        branches = List.copyOf(branches);
    }
}
