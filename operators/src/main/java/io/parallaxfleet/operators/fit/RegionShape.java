package io.parallaxfleet.operators.fit;

/**
 * What the cost model and the thresholds know of a region or branch.
 *
 * @param operators N
 * @param macs F
 * @param boundaryBytes B
 */
public record RegionShape(int operators, long macs, long boundaryBytes) {
    public RegionShape {
        if (operators < 0 || macs < 0 || boundaryBytes < 0) {
            throw new IllegalArgumentException("N, F and B must not be negative: " + operators + ", " + macs + ", " + boundaryBytes);
        }
    }

    /** B / F; infinite for a region that computes nothing. */
    public double bytesPerMac() {
        return macs == 0 ? Double.POSITIVE_INFINITY : (double) boundaryBytes / macs;
    }
}
