package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of several ready branches run side by side under a memory budget: the largest subset with Σ M_i &lt;= budget (Parallax,
 * Section 3.4). Largest by count; among the largest ones the one that takes least memory, and among those the branches that
 * come first. Taking the smallest first gives exactly that, so no search is needed: O(n log n).
 */
public final class ConcurrentSet {
    private ConcurrentSet() {}

    /**
     * Positions of the chosen branches, ascending; empty when not even the smallest fits.
     *
     * @param peakBytes M_i of each ready branch, not negative
     * @param budgetBytes what they may take together; negative when others already take more than there is
     */
    public static List<Integer> largestWithin(List<Long> peakBytes, long budgetBytes) {
        List<Integer> chosen = new ArrayList<>();
        long left = budgetBytes;
        for (int branch : smallestFirst(peakBytes)) {
            if (peakBytes.get(branch) > left) {
                break;
            }
            left -= peakBytes.get(branch);
            chosen.add(branch);
        }
        chosen.sort(Comparator.naturalOrder());
        return List.copyOf(chosen);
    }

    /**
     * As {@link #largestWithin}, but never empty while a branch is ready: one that does not fit runs alone, the smallest first,
     * since waiting would not free anything. For the moment when nothing runs.
     */
    public static List<Integer> choose(List<Long> peakBytes, long budgetBytes) {
        List<Integer> fitting = largestWithin(peakBytes, budgetBytes);
        return fitting.isEmpty() ? smallestFirst(peakBytes).stream().limit(1).toList() : fitting;
    }

    private static List<Integer> smallestFirst(List<Long> peakBytes) {
        return IntStream.range(0, peakBytes.size()).boxed().sorted(Comparator.comparing(peakBytes::get)).toList();
    }
}
