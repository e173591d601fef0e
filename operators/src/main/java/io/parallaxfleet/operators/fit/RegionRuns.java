package io.parallaxfleet.operators.fit;

/** The timed runs of one region on one side; the array is not to be changed. */
public record RegionRuns(RegionShape shape, boolean accelerator, long[] latenciesNanos) {
    public RegionRuns {
        if (latenciesNanos.length == 0) {
            throw new IllegalArgumentException("region " + shape + " has no runs");
        }
    }
}
