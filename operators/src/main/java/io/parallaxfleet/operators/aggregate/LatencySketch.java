package io.parallaxfleet.operators.aggregate;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Latency quantiles in nanoseconds, within {@value #RELATIVE_ACCURACY} of the true sample quantile, mergeable, in at most
 * {@value #MAX_BINS} bins (eight bytes each; beyond about 17 decades the lowest collapse). Not thread-safe. Source: Masson,
 * Rim, Lee, "DDSketch", PVLDB 12(12), 2019.
 */
public final class LatencySketch {
    public static final double RELATIVE_ACCURACY = 0.01;
    static final int MAX_BINS = 2048;

    /** Normal deviate of a two-sided 95 % interval. */
    private static final double Z95 = 1.959964;

    private final DDSketch sketch;

    public LatencySketch() {
        this(DDSketches.logarithmicCollapsingLowestDense(RELATIVE_ACCURACY, MAX_BINS));
    }

    private LatencySketch(DDSketch sketch) {
        this.sketch = sketch;
    }

    /** A point estimate with the interval that holds the true value with 95 % confidence. */
    public record Estimate(double value, double low, double high) {}

    public void add(long latencyNanos) {
        sketch.accept(latencyNanos);
    }

    public void merge(LatencySketch other) {
        sketch.mergeWith(other.sketch);
    }

    public LatencySketch copy() {
        return new LatencySketch(sketch.copy());
    }

    public long count() {
        return Math.round(sketch.getCount());
    }

    /**
     * The latency below which the given share of the samples lies.
     *
     * @throws java.util.NoSuchElementException when there is no sample
     */
    public double quantile(double share) {
        return sketch.getValueAtQuantile(share);
    }

    /**
     * The median with its distribution-free 95 % interval: the order statistics of rank n/2 ± 1.96·√n/2.
     *
     * @throws java.util.NoSuchElementException when there is no sample
     */
    public Estimate median() {
        double halfWidth = 0.5 * Z95 / Math.sqrt(sketch.getCount());
        return new Estimate(quantile(0.5), quantile(Math.max(0, 0.5 - halfWidth)), quantile(Math.min(1, 0.5 + halfWidth)));
    }

    /** The sketch in DDSketch's own encoding, its mapping included. */
    public byte[] toBytes() {
        GrowingByteArrayOutput out = GrowingByteArrayOutput.withDefaultInitialCapacity();
        try {
            sketch.encode(out, false);
        } catch (IOException e) {
            throw new UncheckedIOException("encoding a sketch to memory", e);
        }
        return out.trimmedCopy();
    }

    /** @throws UncheckedIOException when the bytes are not an encoded sketch of this accuracy */
    public static LatencySketch fromBytes(byte[] bytes) {
        try {
            return new LatencySketch(DDSketch.decode(ByteArrayInput.wrap(bytes), () -> new CollapsingLowestDenseStore(MAX_BINS)));
        } catch (IOException e) {
            throw new UncheckedIOException("the bytes are not a latency sketch", e);
        }
    }
}
