package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.VariableLength;
import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.NoSuchElementException;

/**
 * Latency quantiles in nanoseconds, within {@value #RELATIVE_ACCURACY} of the true sample quantile, mergeable. A DDSketch whose
 * logarithm is read off the bits: every octave has {@value #BINS_PER_OCTAVE} bins of equal width, so that a bin's middle is at
 * most 1/128 away from all in it, and values below 128 are exact. That takes 1.85 times the bins that logarithmic ones would take
 * and a shift instead of a logarithm a sample. Memory is eight bytes a bin between the lowest and the highest in use, at most
 * {@value #BINS} bins; stored, an empty bin takes nothing. Not thread-safe. Source: Masson, Rim, Lee, "DDSketch", PVLDB 12(12), 2019,
 * and the linearly interpolated mapping of DataDog's sketches-java.
 */
public final class LatencySketch {
    public static final double RELATIVE_ACCURACY = 0.01;

    static final int BITS = 6;
    static final int BINS_PER_OCTAVE = 1 << BITS;
    /** Bins for every long that is not negative. */
    static final int BINS = (Long.SIZE - 1 - BITS) * BINS_PER_OCTAVE + BINS_PER_OCTAVE;

    /** Normal deviate of a two-sided 95 % interval. */
    private static final double Z95 = 1.959964;
    private static final int VERSION = 'L';
    private static final int MIN_BINS = 16;

    // counts[i] is of bin first + i.
    private long[] counts;
    private int first;
    private long count;

    public LatencySketch() {
        this(new long[0], 0, 0);
    }

    private LatencySketch(long[] counts, int first, long count) {
        this.counts = counts;
        this.first = first;
        this.count = count;
    }

    /** A point estimate with the interval that holds the true value with 95 % confidence. */
    public record Estimate(double value, double low, double high) {}

    /** @param latencyNanos not negative */
    public void add(long latencyNanos) {
        int at = bin(latencyNanos) - first;
        if (at < 0 || at >= counts.length) {
            at = makeRoom(at + first);
        }
        counts[at]++;
        count++;
    }

    /**
     * Adds samples by their bins, every {@code step}-th of a table.
     *
     * @param from where the first is
     * @param samples how many
     */
    void addBins(char[] bins, int from, int step, int samples) {
        for (int i = 0, next = from; i < samples; i++, next += step) {
            int at = bins[next] - first;
            if (at < 0 || at >= counts.length) {
                at = makeRoom(at + first);
            }
            counts[at]++;
        }
        count += samples;
    }

    /**
     * Below 2^(BITS+1) the value itself. Above, with {@code shift = floor(log2 value) - BITS}, the leading BITS + 1 bits of the value
     * under the number of its octave; both cases meet without a gap.
     */
    static int bin(long value) {
        // The lowest octaves share one shift, so that small values are exact.
        int shift = Math.max(0, Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value));
        return (shift << BITS) + (int) (value >>> shift);
    }

    /** The middle of the values that share the bin. */
    static double middle(int bin) {
        int shift = Math.max(0, (bin >> BITS) - 1);
        long lowest = (long) (bin - (shift << BITS)) << shift;
        return lowest + 0.5 * ((1L << shift) - 1);
    }

    private int makeRoom(int bin) {
        if (counts.length == 0) {
            counts = new long[MIN_BINS];
            first = Math.min(Math.max(0, bin - MIN_BINS / 2), BINS - MIN_BINS);
        } else {
            // Half as much again on the side that was too short.
            int slack = counts.length / 2;
            int low = bin < first ? Math.max(0, bin - slack) : first;
            int high = bin < first ? first + counts.length : Math.min(BINS, bin + 1 + slack);
            long[] wider = new long[high - low];
            System.arraycopy(counts, 0, wider, first - low, counts.length);
            counts = wider;
            first = low;
        }
        return bin - first;
    }

    public void merge(LatencySketch other) {
        for (int i = 0; i < other.counts.length; i++) {
            if (other.counts[i] != 0) {
                int at = other.first + i - first;
                if (at < 0 || at >= counts.length) {
                    at = makeRoom(at + first);
                }
                counts[at] += other.counts[i];
            }
        }
        count += other.count;
    }

    public LatencySketch copy() {
        return new LatencySketch(counts.clone(), first, count);
    }

    public long count() {
        return count;
    }

    /**
     * The latency below which the given share of the samples lies: the value of rank {@code share * (count - 1)}.
     *
     * @throws NoSuchElementException when there is no sample
     */
    public double quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share is " + share + "; it must be in [0,1]");
        }
        if (count == 0) {
            throw new NoSuchElementException("no sample");
        }
        long rank = (long) (share * (count - 1));
        long below = 0;
        for (int i = 0; i < counts.length; i++) {
            below += counts[i];
            if (below > rank) {
                return middle(first + i);
            }
        }
        throw new IllegalStateException(count + " samples counted, " + below + " in bins");
    }

    /**
     * The median with its distribution-free 95 % interval: the order statistics of rank n/2 ± 1.96·√n/2.
     *
     * @throws NoSuchElementException when there is no sample
     */
    public Estimate median() {
        double halfWidth = 0.5 * Z95 / Math.sqrt(count);
        return new Estimate(quantile(0.5), quantile(Math.max(0, 0.5 - halfWidth)), quantile(Math.min(1, 0.5 + halfWidth)));
    }

    /** What {@link #fromBytes} reads. */
    public byte[] toBytes() {
        PackedBytes bytes = new PackedBytes(256);
        write(bytes);
        return bytes.toArray();
    }

    /** @throws UncheckedIOException when the bytes are not an encoded sketch */
    public static LatencySketch fromBytes(byte[] bytes) {
        try {
            return read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException("the bytes are not a latency sketch", e);
        }
    }

    /** A version byte, how many bins are in use, then of each how far it is from the one before, and its count. */
    void write(PackedBytes out) {
        int used = 0;
        for (long bin : counts) {
            used += bin == 0 ? 0 : 1;
        }
        out.putByte(VERSION);
        out.putVariable(used);
        int last = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] != 0) {
                out.putVariable(first + i - last);
                out.putVariable(counts[i]);
                last = first + i;
            }
        }
    }

    static LatencySketch read(DataInput in) throws IOException {
        int version = in.readUnsignedByte();
        if (version != VERSION) {
            throw new IOException("a sketch of unknown form " + version);
        }
        long used = VariableLength.read(in);
        if (used < 0 || used > BINS) {
            throw new IOException("a sketch of " + used + " bins");
        }
        int[] bins = new int[(int) used];
        long[] values = new long[(int) used];
        long bin = 0;
        long count = 0;
        for (int i = 0; i < used; i++) {
            bin += VariableLength.read(in);
            values[i] = VariableLength.read(in);
            count += values[i];
            if (bin < 0 || bin >= BINS || values[i] <= 0) {
                throw new IOException("a sketch with " + values[i] + " samples in bin " + bin);
            }
            bins[i] = (int) bin;
        }
        if (used == 0) {
            return new LatencySketch();
        }
        long[] counts = new long[bins[bins.length - 1] - bins[0] + 1];
        for (int i = 0; i < bins.length; i++) {
            counts[bins[i] - bins[0]] = values[i];
        }
        return new LatencySketch(counts, bins[0], count);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LatencySketch that && Arrays.equals(toBytes(), that.toBytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toBytes());
    }
}
