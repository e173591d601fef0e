package io.parallaxfleet.operators.aggregate;

import java.util.Objects;

/**
 * Measured runs of the branches of one plan, column by column, before they are in the branches' {@link Accumulator}s. A fleet's sums
 * are more than a cache holds: put into one sketch after the other, nearly every sample would wait for memory. Here an inference is
 * written along a row, and {@value #ROWS} rows go into one sketch at a time. Gives what {@link Accumulator#addMeasured} and
 * {@link Accumulator#addEnergy} would have given. Memory is 90 bytes a branch; not thread-safe.
 */
public final class MeasuredColumns {
    static final int ROWS = 32;

    private final Accumulator[] branches;
    private final double[] latencySums;
    private final long[] peaks;
    private final double[] energySums;
    // Bins of the sketch, inference after inference.
    private final char[] bins;
    private int rows;
    // Inferences whose energy is in the sums, all of one source.
    private long metered;
    private String energySource;

    /** @param branches what the columns are added to */
    public MeasuredColumns(Accumulator[] branches) {
        this.branches = branches;
        this.latencySums = new double[branches.length];
        this.peaks = new long[branches.length];
        this.energySums = new double[branches.length];
        this.bins = new char[ROWS * branches.length];
    }

    /**
     * Warm, valid runs of all branches where they were planned; the arrays may be longer.
     *
     * @param energiesMicrojoules null where unknown
     */
    public void add(long[] latenciesNanos, long[] arenaPeaksBytes, long[] energiesMicrojoules, String source) {
        int columns = branches.length;
        int row = rows * columns;
        for (int i = 0; i < columns; i++) {
            long latency = latenciesNanos[i];
            bins[row + i] = (char) LatencySketch.bin(latency);
            latencySums[i] += latency;
            peaks[i] = Math.max(peaks[i], arenaPeaksBytes[i]);
        }
        if (energiesMicrojoules != null) {
            addEnergies(energiesMicrojoules, source);
        }
        if (++rows == ROWS) {
            emptyBins();
        }
    }

    private void addEnergies(long[] microjoules, String source) {
        if (!Objects.equals(source, energySource)) {
            emptyEnergies();
            energySource = source;
        }
        for (int i = 0; i < energySums.length; i++) {
            energySums[i] += microjoules[i];
        }
        metered++;
    }

    private void emptyBins() {
        for (int i = 0; i < branches.length; i++) {
            branches[i].latency.addBins(bins, i, branches.length, rows);
        }
        rows = 0;
    }

    private void emptyEnergies() {
        for (int i = 0; i < branches.length && metered > 0; i++) {
            branches[i].addEnergies(energySums[i], metered, energySource);
            energySums[i] = 0;
        }
        metered = 0;
    }

    /** Leaves everything with the accumulators. */
    public void empty() {
        emptyBins();
        emptyEnergies();
        for (int i = 0; i < branches.length; i++) {
            branches[i].addSums(latencySums[i], peaks[i]);
            latencySums[i] = 0;
            peaks[i] = 0;
        }
    }
}
