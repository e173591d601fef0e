package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which of several ready branches run side by side where the memory budget does not hold them all. */
public enum SubsetRule {
    /** The set that saves most time, as {@link ConcurrentSet} finds it. */
    MOST_TIME_SAVED {
        @Override
        public List<Integer> choose(List<ConcurrentSet.Branch> branches, int threads, long budgetBytes, boolean alone) {
            return ConcurrentSet.choose(branches, threads, budgetBytes, alone);
        }
    },
    /**
     * The most numerous set (Parallax, Section 3.4): branches are taken in order of memory, the smallest first, while they fit,
     * which no other set of the budget outnumbers. The paper does not say which of equally numerous sets; of branches with the
     * same memory the first is taken. Its branches have one thread each; of wider ones those are passed over that the threads left do
     * not hold. O(n log n).
     */
    MOST_NUMEROUS {
        @Override
        public List<Integer> choose(List<ConcurrentSet.Branch> branches, int threads, long budgetBytes, boolean alone) {
            List<Integer> smallestFirst = IntStream.range(0, branches.size())
                    .boxed()
                    .sorted(Comparator.comparingLong(branch -> branches.get(branch).bytes()))
                    .toList();
            List<Integer> chosen = new ArrayList<>();
            long left = budgetBytes;
            int leftThreads = threads;
            for (int branch : smallestFirst) {
                if (branches.get(branch).threads() > leftThreads) {
                    continue;
                }
                // What does not fit runs alone: waiting would not free anything.
                if (branches.get(branch).bytes() > left && !(alone && chosen.isEmpty())) {
                    break;
                }
                chosen.add(branch);
                left -= branches.get(branch).bytes();
                leftThreads -= branches.get(branch).threads();
            }
            chosen.sort(Comparator.naturalOrder());
            return List.copyOf(chosen);
        }
    };

    /**
     * Positions of the chosen branches, ascending. Empty beside running branches when none fits; never empty when nothing runs and
     * a branch is ready.
     *
     * @param threads what they may hold together
     * @param budgetBytes what they may take together; negative when others already take more than there is
     * @param alone whether nothing else runs
     */
    public abstract List<Integer> choose(List<ConcurrentSet.Branch> branches, int threads, long budgetBytes, boolean alone);
}
