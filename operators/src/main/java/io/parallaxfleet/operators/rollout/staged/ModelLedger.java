package io.parallaxfleet.operators.rollout.staged;

import java.util.Arrays;

/**
 * One model on one device before and since: counts, mean logarithms of the cost, and how many runs lay above four edges around the
 * 95th percentile. The edges are fixed by the device's own first runs, at fixed multiples of their scatter above their mean, so that
 * both sides are counted against the same. The logarithms are of the cost that is judged; of what guards beside it only the mean is
 * kept, over about the last {@value #GUARD_MEMORY} runs. Not thread-safe.
 */
final class ModelLedger {
    /** Runs that fix the edges; they count for the mean only. */
    static final int REFERENCE_RUNS = 40;
    /** Runs counted against the edges that either side needs; fewer have no 95th percentile. */
    static final int MIN_RUNS = 40;
    /** With more runs before than this all counts are halved: a past is of the last weeks, not of all time. */
    static final int MAX_RUNS_BEFORE = 4096;
    /** The groups are told apart by their devices, not by a device's next ten thousand runs. */
    static final int MAX_RUNS_SINCE = 30_000;

    /** In standard deviations of the logarithm above its mean; the 95th percentile of a normal one is at 1.64. */
    private static final double[] EDGES = {0.75, 1.5, 2.25, 3.5};
    private static final double TAIL = 0.05;
    /** Where a normal distribution has it, in standard deviations. */
    private static final double NORMAL_TAIL = 1.645;
    /** Steadier than this no clock is. */
    private static final double MIN_SCATTER = 0.005;
    /** Edges that this share of the past lies above, or none of it, are those of another time. */
    private static final double MAX_SHARE_ABOVE_LOWEST = 0.8;

    static final int EDGE_COUNT = EDGES.length;
    /** A byte holds it, and a guard's bound is wide. */
    static final int GUARD_MEMORY = 255;

    final int modelHash;
    /** Of the reference runs; sum of squared deviations while they are taken, standard deviation afterwards. */
    float scatter;
    float referenceMean;
    int runsBefore;
    int countedBefore;
    float meanBefore;
    final short[] aboveBefore = new short[EDGE_COUNT];
    int runsSince;
    float meanSince;
    final short[] aboveSince = new short[EDGE_COUNT];
    int guardRunsBefore;
    float guardMeanBefore;
    int guardRunsSince;
    float guardMeanSince;

    ModelLedger(int modelHash) {
        this.modelHash = modelHash;
    }

    ModelLedger copy() {
        ModelLedger copy = new ModelLedger(modelHash);
        copy.scatter = scatter;
        copy.referenceMean = referenceMean;
        copy.runsBefore = runsBefore;
        copy.countedBefore = countedBefore;
        copy.meanBefore = meanBefore;
        System.arraycopy(aboveBefore, 0, copy.aboveBefore, 0, EDGE_COUNT);
        copy.runsSince = runsSince;
        copy.meanSince = meanSince;
        System.arraycopy(aboveSince, 0, copy.aboveSince, 0, EDGE_COUNT);
        copy.guardRunsBefore = guardRunsBefore;
        copy.guardMeanBefore = guardMeanBefore;
        copy.guardRunsSince = guardRunsSince;
        copy.guardMeanSince = guardMeanSince;
        return copy;
    }

    void addBefore(double log) {
        double delta = log - meanBefore;
        runsBefore++;
        meanBefore += (float) (delta / runsBefore);
        if (!hasReference()) {
            scatter += (float) (delta * (log - meanBefore));
            if (runsBefore == REFERENCE_RUNS) {
                referenceMean = meanBefore;
                scatter = (float) Math.max(MIN_SCATTER, Math.sqrt(scatter / (REFERENCE_RUNS - 1)));
                countedBefore = 0;
            }
            return;
        }
        countedBefore++;
        count(log, aboveBefore);
        if (runsBefore == MAX_RUNS_BEFORE) {
            forgetHalf();
        }
    }

    void addSince(double log) {
        if (runsSince == MAX_RUNS_SINCE || !hasReference()) {
            return;
        }
        runsSince++;
        meanSince += (float) ((log - meanSince) / runsSince);
        count(log, aboveSince);
    }

    void addGuardBefore(double log) {
        guardRunsBefore = Math.min(guardRunsBefore + 1, GUARD_MEMORY);
        guardMeanBefore += (float) ((log - guardMeanBefore) / guardRunsBefore);
    }

    void addGuardSince(double log) {
        guardRunsSince = Math.min(guardRunsSince + 1, GUARD_MEMORY);
        guardMeanSince += (float) ((log - guardMeanSince) / guardRunsSince);
    }

    void forgetGuard() {
        guardRunsBefore = 0;
        guardMeanBefore = 0;
        guardRunsSince = 0;
        guardMeanSince = 0;
    }

    void forgetSince() {
        runsSince = 0;
        meanSince = 0;
        Arrays.fill(aboveSince, (short) 0);
        guardRunsSince = 0;
        guardMeanSince = 0;
    }

    boolean knownBefore() {
        return countedBefore >= MIN_RUNS;
    }

    boolean knownOnBothSides() {
        return knownBefore() && runsSince >= MIN_RUNS;
    }

    boolean guardKnownOnBothSides() {
        return guardRunsBefore >= MIN_RUNS && guardRunsSince >= MIN_RUNS;
    }

    double guardChange() {
        return (double) guardMeanSince - guardMeanBefore;
    }

    double meanChange() {
        return (double) meanSince - meanBefore;
    }

    double tailChange() {
        return scatter * (tail(aboveSince, runsSince, meanSince) - tail(aboveBefore, countedBefore, meanBefore));
    }

    private boolean hasReference() {
        return referenceMean != 0;
    }

    private void count(double log, short[] above) {
        for (int i = 0; i < EDGE_COUNT && log > referenceMean + EDGES[i] * scatter; i++) {
            above[i]++;
        }
    }

    // The 95th percentile in standard deviations above the reference mean: the logarithm of the share above an edge is
    // interpolated between edges, as for a tail that falls exponentially there. Beyond the edges it is taken to have moved with the
    // mean.
    private double tail(short[] above, int runs, float mean) {
        double wanted = Math.log(TAIL);
        double withMean = (mean - referenceMean) / scatter + NORMAL_TAIL;
        double lower = logShare(above[0], runs);
        if (lower <= wanted) {
            return Math.min(EDGES[0], withMean);
        }
        for (int i = 1; i < EDGE_COUNT; i++) {
            double higher = logShare(above[i], runs);
            if (higher <= wanted) {
                return EDGES[i - 1] + (EDGES[i] - EDGES[i - 1]) * (lower - wanted) / (lower - higher);
            }
            lower = higher;
        }
        return Math.max(EDGES[EDGE_COUNT - 1], withMean);
    }

    // Half a run more, so that no run above an edge is no logarithm of 0.
    private static double logShare(short above, int runs) {
        return Math.log((above + 0.5) / (runs + 1.0));
    }

    private void forgetHalf() {
        boolean stale = aboveBefore[0] > MAX_SHARE_ABOVE_LOWEST * countedBefore || aboveBefore[0] == 0;
        runsBefore = stale ? 0 : runsBefore / 2;
        countedBefore = stale ? 0 : countedBefore / 2;
        for (int i = 0; i < EDGE_COUNT; i++) {
            aboveBefore[i] = (short) (stale ? 0 : aboveBefore[i] / 2);
        }
        if (stale) {
            referenceMean = 0;
            scatter = 0;
            meanBefore = 0;
        }
    }
}
