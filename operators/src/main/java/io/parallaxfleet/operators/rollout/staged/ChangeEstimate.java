package io.parallaxfleet.operators.rollout.staged;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * By how much members changed more than the control did: the difference of the two groups' mean own changes, so that what moves
 * all devices alike (time of day, a new model, the weather) cancels.
 *
 * @param change members less control
 * @param variance of {@code change}, from the spread between devices
 */
public record ChangeEstimate(double change, double variance, int members, int control) {
    /** Both groups need at least two devices. */
    static ChangeEstimate of(List<DeviceChange> devices, ToDoubleFunction<DeviceChange> measure) {
        double[] sums = new double[2];
        int[] counts = new int[2];
        for (DeviceChange device : devices) {
            int group = device.member() ? 1 : 0;
            sums[group] += measure.applyAsDouble(device);
            counts[group]++;
        }
        if (counts[0] < 2 || counts[1] < 2) {
            throw new IllegalArgumentException(counts[1] + " members and " + counts[0] + " control devices; two of each are needed");
        }
        double[] squares = new double[2];
        for (DeviceChange device : devices) {
            int group = device.member() ? 1 : 0;
            double deviation = measure.applyAsDouble(device) - sums[group] / counts[group];
            squares[group] += deviation * deviation;
        }
        double pooled = (squares[0] + squares[1]) / (counts[0] + counts[1] - 2);
        // A dozen members may look steadier than they are; if the change makes them differ more, that counts.
        double ofMembers = Math.max(pooled, squares[1] / (counts[1] - 1));
        return new ChangeEstimate(sums[1] / counts[1] - sums[0] / counts[0],
                ofMembers / counts[1] + pooled / counts[0], counts[1], counts[0]);
    }
}
