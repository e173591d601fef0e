package io.parallaxfleet.bench;

import io.parallaxfleet.engine.PlanStep;
import java.util.List;

/**
 * Where the parallel efficiency T1/(p Tp) of a plan goes: shares of the thread time p Tp of a run beyond the work T1. They add up to
 * {@code 1 - T1/(p Tp)}, but for what medians of steps and of whole runs differ by.
 *
 * @param wideSteps steps of all threads: what their kernels lose by dividing an operator, {@code sum of p t - t1}
 * @param sideBySide steps of fewer threads: how much slower they are than alone, on caches and memory that they share with what runs
 *     beside them, {@code sum of threads t - t1}
 * @param waiting threads that had no step, for want of one that could start
 * @param outside all threads, while no kernel was at work
 */
record ThreadTimeLoss(double wideSteps, double sideBySide, double waiting, double outside) {
    /**
     * @param steps of the plan
     * @param stepNanos what each takes in a run
     * @param aloneNanos and alone on one thread
     * @param latencyNanos Tp
     * @param outsideNanos of it, with no kernel at work
     */
    static ThreadTimeLoss of(
            List<PlanStep> steps, int threads, long[] stepNanos, long[] aloneNanos, long latencyNanos, long outsideNanos) {
        double all = (double) threads * latencyNanos;
        double wide = 0;
        double narrow = 0;
        double busy = 0;
        for (int step = 0; step < stepNanos.length; step++) {
            int held = Math.min(threads, steps.get(step).threads());
            double lost = (double) held * stepNanos[step] - aloneNanos[step];
            if (held == threads) {
                wide += lost;
            } else {
                narrow += lost;
            }
            busy += (double) held * stepNanos[step];
        }
        double outside = (double) threads * outsideNanos;
        return new ThreadTimeLoss(wide / all, narrow / all, (all - busy - outside) / all, outside / all);
    }
}
