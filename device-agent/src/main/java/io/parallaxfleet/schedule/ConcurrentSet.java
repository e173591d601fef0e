package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of several ready branches run side by side under a memory budget: the set S that saves most time.
 *
 * <p>One after another the branches of S take Σ w, side by side max w, so S saves Σ w - max w; beside branches that run anyway it
 * saves Σ w. S is chosen among all sets with Σ t &lt;= threads and Σ M &lt;= budget by branch and bound, exactly for up to
 * {@value #EXACT_UP_TO} branches; of more, those with most work take part. The paper takes the
 * {@linkplain SubsetRule#MOST_NUMEROUS most numerous} set instead, which leaves the heavy branch for last where small ones fill the
 * budget.
 */
public final class ConcurrentSet {
    static final int EXACT_UP_TO = 20;

    private final List<Branch> branches;
    private final boolean alone;
    private final int[] heaviestFirst;
    private final int[] chosen;
    private int chosenCount;
    private int[] best = {};
    private long bestSaved = -1;
    private long bestBytes;

    /**
     * A ready branch.
     *
     * @param work time it takes, in any unit the branches share, not negative
     * @param bytes M_i, not negative
     * @param threads CPU threads that it holds; none on the accelerator
     */
    public record Branch(long work, long bytes, int threads) {
        /** On one thread. */
        public Branch(long work, long bytes) {
            this(work, bytes, 1);
        }
    }

    private ConcurrentSet(List<Branch> branches, int threads, boolean alone) {
        this.branches = branches;
        this.alone = alone;
        this.heaviestFirst = IntStream.range(0, branches.size())
                .boxed()
                .sorted(Comparator.comparingLong((Integer branch) -> branches.get(branch).work()).reversed())
                .limit(EXACT_UP_TO)
                .mapToInt(Integer::intValue)
                .toArray();
        int withoutThreads = (int) branches.stream().filter(branch -> branch.threads() == 0).count();
        this.chosen = new int[Math.min(threads + withoutThreads, heaviestFirst.length)];
    }

    /**
     * Positions of the chosen branches, ascending. Empty beside running branches when none fits; never empty when nothing runs and
     * a branch is ready: then one that does not fit runs alone, the smallest, since waiting would not free anything.
     *
     * @param threads what they may hold together
     * @param budgetBytes what they may take together; negative when others already take more than there is
     * @param alone whether nothing else runs
     */
    public static List<Integer> choose(List<Branch> branches, int threads, long budgetBytes, boolean alone) {
        ConcurrentSet search = new ConcurrentSet(branches, threads, alone);
        search.extend(0, 0, 0, threads, budgetBytes);
        if (search.best.length == 0 && alone) {
            return IntStream.range(0, branches.size())
                    .boxed()
                    .min(Comparator.comparingLong(branch -> branches.get(branch).bytes()))
                    .map(List::of)
                    .orElse(List.of());
        }
        List<Integer> positions = new ArrayList<>();
        for (int branch : search.best) {
            positions.add(branch);
        }
        positions.sort(Comparator.naturalOrder());
        return List.copyOf(positions);
    }

    /** Tries every set that adds branches from place {@code from} on to those chosen, but for those that cannot be the best. */
    private void extend(int from, long sumOfWork, long bytes, int leftThreads, long leftBytes) {
        if (chosenCount > 0) {
            consider(sumOfWork, bytes);
        }
        if (chosenCount == chosen.length) {
            return;
        }
        long most = sumOfWork;
        for (int place = from; place < Math.min(heaviestFirst.length, from + chosen.length - chosenCount); place++) {
            most += branches.get(heaviestFirst[place]).work();
        }
        if (most - (chosenCount > 0 ? unsaved() : 0) < bestSaved) {
            return;
        }
        for (int place = from; place < heaviestFirst.length; place++) {
            Branch branch = branches.get(heaviestFirst[place]);
            if (branch.bytes() <= leftBytes && branch.threads() <= leftThreads) {
                chosen[chosenCount++] = heaviestFirst[place];
                extend(place + 1, sumOfWork + branch.work(), bytes + branch.bytes(), leftThreads - branch.threads(),
                        leftBytes - branch.bytes());
                chosenCount--;
            }
        }
    }

    /** Of sets that save as much, the one that takes less memory; of equal ones the first found, which starts with most work. */
    private void consider(long sumOfWork, long bytes) {
        long saved = sumOfWork - unsaved();
        if (saved > bestSaved || saved == bestSaved && (bytes < bestBytes || best.length == 0)) {
            bestSaved = saved;
            bestBytes = bytes;
            best = Arrays.copyOf(chosen, chosenCount);
        }
    }

    /** The work of the set that takes its time anyway: the heaviest, which was chosen first, unless others run beside it. */
    private long unsaved() {
        return alone ? branches.get(chosen[0]).work() : 0;
    }
}
