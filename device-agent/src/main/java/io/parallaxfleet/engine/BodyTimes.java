package io.parallaxfleet.engine;

import io.parallaxfleet.schedule.RunRecord;
import java.util.Arrays;
import java.util.List;

/** What the steps of a sub-graph's plan took in one run of the model, over all iterations. Not thread-safe; a run allocates nothing. */
final class BodyTimes {
    private final long[] latencyNanos;
    private long runs;

    BodyTimes(int steps) {
        latencyNanos = new long[steps];
    }

    void reset() {
        runs = 0;
        Arrays.fill(latencyNanos, 0);
    }

    /** Takes in a run of the sub-graph. */
    void add(RunRecord record) {
        runs++;
        for (int step = 0; step < latencyNanos.length; step++) {
            latencyNanos[step] += record.latencyNanos(step);
        }
    }

    void report(List<BodyBranchRun> into) {
        for (long latency : latencyNanos) {
            into.add(new BodyBranchRun(runs, latency));
        }
    }
}
