package io.parallaxfleet.schedule;

import java.util.Arrays;

/**
 * Divides a run's threads among branches that run side by side, so that the one that takes longest takes least.
 *
 * <p>A branch of work F takes {@code F (1 + 0.1 (t - 1)) / t} on t threads: two give 91 % of what they could, the middle of what
 * models were measured to ({@code docs/benchmarks.md}). Minimises {@code max F_i / s(t_i)} over {@code t_i >= 1, Σ t_i <= threads}:
 * the next thread goes to the branch that takes longest. That is optimal for any speed-up that grows with the threads, since no
 * division with fewer threads for that branch has a smaller maximum. Where there are more branches than threads each has one, and the
 * executor orders them.
 *
 * <p>O(threads · branches). Work is estimated and so is the speed-up: what a device gains by it is for a measurement to say.
 */
public final class ThreadShares {
    /** Of a second's work on one thread, what each further thread adds in waiting and hand-overs. */
    private static final double COST_OF_A_THREAD = 0.1;

    private ThreadShares() {}

    /**
     * Threads of each branch, in the order of {@code work}; among equal branches the earlier has more.
     *
     * @param work F of each branch, in any unit they share, not negative
     * @param threads of the run
     */
    public static int[] divide(long[] work, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; at least 1 is needed");
        }
        int[] shares = new int[work.length];
        Arrays.fill(shares, 1);
        for (int left = threads - work.length; left > 0 && work.length > 0; left--) {
            shares[longest(work, shares)]++;
        }
        return shares;
    }

    private static int longest(long[] work, int[] shares) {
        int longest = 0;
        for (int branch = 1; branch < work.length; branch++) {
            if (time(work[branch], shares[branch]) > time(work[longest], shares[longest])) {
                longest = branch;
            }
        }
        return longest;
    }

    /** What the work takes on so many threads, in its own unit on one. */
    public static double time(long work, int threads) {
        return work * (1 + COST_OF_A_THREAD * (threads - 1)) / threads;
    }
}
