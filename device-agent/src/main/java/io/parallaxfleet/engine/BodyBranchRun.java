package io.parallaxfleet.engine;

/**
 * What a {@link BodyBranch} cost in one run of the model.
 *
 * @param runs how often it ran: iterations of a Loop or Scan; 0 where an If chose the other sub-graph
 * @param latencyNanos wall time, summed over the runs
 */
public record BodyBranchRun(long runs, long latencyNanos) {}
