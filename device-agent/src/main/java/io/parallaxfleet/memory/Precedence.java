package io.parallaxfleet.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Which steps are over before which others start, in every execution that respects the dependencies: the transitive closure.
 * O(S·E / 64) time and O(S² / 8) bytes. Immutable.
 */
final class Precedence {
    private final List<BitSet> ancestors = new ArrayList<>();

    /** @throws IllegalArgumentException when a predecessor does not exist or the steps wait for one another in a circle */
    Precedence(List<? extends List<Integer>> predecessors) {
        int steps = predecessors.size();
        List<List<Integer>> successors = new ArrayList<>();
        int[] waiting = new int[steps];
        Deque<Integer> ready = new ArrayDeque<>();
        for (int step = 0; step < steps; step++) {
            successors.add(new ArrayList<>());
            ancestors.add(new BitSet());
        }
        for (int step = 0; step < steps; step++) {
            for (int before : predecessors.get(step)) {
                if (before < 0 || before >= steps) {
                    throw new IllegalArgumentException("step " + step + " waits for step " + before + " of " + steps);
                }
                successors.get(before).add(step);
                waiting[step]++;
            }
            if (waiting[step] == 0) {
                ready.add(step);
            }
        }
        int reached = 0;
        while (!ready.isEmpty()) {
            int step = ready.remove();
            reached++;
            for (int next : successors.get(step)) {
                ancestors.get(next).set(step);
                ancestors.get(next).or(ancestors.get(step));
                if (--waiting[next] == 0) {
                    ready.add(next);
                }
            }
        }
        if (reached != steps) {
            throw new IllegalArgumentException((steps - reached) + " of " + steps + " steps wait for one another in a circle");
        }
    }

    /** Whether {@code first} is always over before {@code second} starts; a step is not before itself. */
    boolean isBefore(int first, int second) {
        return ancestors.get(second).get(first);
    }

    int steps() {
        return ancestors.size();
    }
}
