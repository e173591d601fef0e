package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencySketchTest {
    @Test
    void quantilesAreWithinThePromisedAccuracy() {
        long[] samples = logNormal(20_000, 7);
        LatencySketch sketch = sketch(samples);
        Arrays.sort(samples);

        for (double share : new double[] {0.01, 0.5, 0.9, 0.99}) {
            double exact = samples[(int) (share * (samples.length - 1))];
            assertEquals(exact, sketch.quantile(share), LatencySketch.RELATIVE_ACCURACY * exact * 1.0001, "quantile " + share);
        }
    }

    /** The bin of every value is as near as promised; checked at both ends of every bin there is, where it is farthest. */
    @Test
    void noValueIsFartherFromItsBinsMiddleThanPromised() {
        double worst = 0;
        for (int bin = 0; bin < LatencySketch.BINS; bin++) {
            int shift = Math.max(0, (bin >> LatencySketch.BITS) - 1);
            long lowest = (long) (bin - (shift << LatencySketch.BITS)) << shift;
            long highest = lowest + (1L << shift) - 1;
            assertEquals(bin, LatencySketch.bin(lowest), "lowest value of bin " + bin);
            assertEquals(bin, LatencySketch.bin(highest), "highest value of bin " + bin);
            for (long value : new long[] {lowest, highest}) {
                if (value > 0) {
                    worst = Math.max(worst, Math.abs(LatencySketch.middle(bin) - value) / value);
                }
            }
        }
        assertTrue(worst <= 1.0 / 128, "relative error " + worst);
    }

    @Test
    void binsFollowOneAnotherWithoutGapUpToTheLongestLatency() {
        assertEquals(LatencySketch.BINS - 1, LatencySketch.bin(Long.MAX_VALUE));
        for (int bin = 1; bin < LatencySketch.BINS; bin++) {
            int shift = Math.max(0, (bin >> LatencySketch.BITS) - 1);
            long lowest = (long) (bin - (shift << LatencySketch.BITS)) << shift;
            assertEquals(bin - 1, LatencySketch.bin(lowest - 1), "value below bin " + bin);
        }
    }

    @Test
    void oneAbsurdLatencyLeavesTheQuantilesOfTheOthersAlone() {
        long[] samples = logNormal(1000, 12);
        LatencySketch sketch = sketch(samples);
        double before = sketch.quantile(0.5);

        sketch.add(Long.MAX_VALUE);

        assertEquals(before, sketch.quantile(0.5), 0.02 * before);
    }

    @Test
    void samplesInAnyOrderMakeTheSameSketch() {
        assertEquals(sketch(new long[] {5_000_000, 3, 70_000, 9_000_000_000L}),
                sketch(new long[] {9_000_000_000L, 70_000, 5_000_000, 3}));
    }

    @Test
    void mergingIsTheSameAsAddingAll() {
        long[] samples = logNormal(1000, 8);
        LatencySketch left = sketch(Arrays.copyOfRange(samples, 0, 300));
        left.merge(sketch(Arrays.copyOfRange(samples, 300, 1000)));

        assertEquals(1000, left.count());
        assertEquals(sketch(samples).quantile(0.9), left.quantile(0.9));
    }

    @Test
    void anEmptySketchIsSavedAndMergedToo() {
        LatencySketch sketch = sketch(new long[] {7});
        sketch.merge(LatencySketch.fromBytes(new LatencySketch().toBytes()));

        assertEquals(1, sketch.count());
        assertEquals(7, sketch.quantile(0.5));
    }

    @Test
    void aDecodedSketchCanBeMergedWithAFreshOne() {
        LatencySketch decoded = LatencySketch.fromBytes(sketch(logNormal(100, 9)).toBytes());
        LatencySketch fresh = sketch(logNormal(50, 10));

        fresh.merge(decoded);

        assertEquals(150, fresh.count());
    }

    @Test
    void theMediansIntervalCoversTheTrueMedianInNineteenOfTwenty() {
        int covered = 0;
        for (int seed = 0; seed < 400; seed++) {
            LatencySketch.Estimate median = sketch(logNormal(60, 1000 + seed)).median();
            // The true median of this log-normal distribution, give or take the sketch's own error.
            if (median.low() <= 1.01e6 && median.high() >= 0.99e6) {
                covered++;
            }
        }
        assertTrue(covered >= 370, covered + " of 400");
    }

    @Test
    void bytesThatAreNoSketchAreRefused() {
        assertThrows(UncheckedIOException.class, () -> LatencySketch.fromBytes(new byte[] {1, 2, 3}));
    }

    private static LatencySketch sketch(long[] samples) {
        LatencySketch sketch = new LatencySketch();
        for (long sample : samples) {
            sketch.add(sample);
        }
        return sketch;
    }

    private static long[] logNormal(int count, long seed) {
        Random random = new Random(new SplittableRandom(seed).nextLong());
        long[] samples = new long[count];
        for (int i = 0; i < count; i++) {
            samples[i] = Math.round(1e6 * Math.exp(0.4 * random.nextGaussian()));
        }
        return samples;
    }
}
