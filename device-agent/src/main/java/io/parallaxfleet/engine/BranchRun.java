package io.parallaxfleet.engine;

/**
 * What one step cost in one run.
 *
 * @param step index into {@link EnginePlan#steps()}
 * @param startNanos start, relative to the start of the run
 * @param latencyNanos wall time
 * @param actual where it ran
 * @param fallback why it did not run where planned; NONE if it did
 * @param arenaPeakBytes bytes its arena held at most: planned, and tensors that only the run sized
 * @param coRunning other steps that ran beside it at any time
 */
public record BranchRun(
        int step, long startNanos, long latencyNanos, Placement actual, Fallback fallback, long arenaPeakBytes, int coRunning) {}
