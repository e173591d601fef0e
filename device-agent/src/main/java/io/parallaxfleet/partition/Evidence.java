package io.parallaxfleet.partition;

import java.util.Locale;

/**
 * One test of a region: what it has, what is asked, and how far apart the two are.
 *
 * @param test which test
 * @param value what the region has, in the test's unit
 * @param threshold what the policy asks, in the same unit
 */
public record Evidence(Test test, double value, double threshold) {
    /** The tests that a region can pass or fail. */
    public enum Test {
        /** N, operators; at least. */
        OPERATORS("N"),
        /** F, multiply-accumulates; at least. */
        MACS("F"),
        /** B/F, bytes a multiply-accumulate; at most. */
        BYTES_PER_MAC("B/F"),
        /** Estimated seconds on the accelerator, {@code L + F/R_acc + B/B_bw}; below those on the CPU, {@code F/R_cpu}. */
        BREAK_EVEN("T_acc");

        private final String symbol;

        Test(String symbol) {
            this.symbol = symbol;
        }

        /** The quantity's symbol in the paper. */
        public String symbol() {
            return symbol;
        }
    }

    /** Whether the region passes. */
    public boolean holds() {
        return switch (test) {
            case OPERATORS, MACS -> value >= threshold;
            case BYTES_PER_MAC -> value <= threshold;
            case BREAK_EVEN -> value < threshold;
        };
    }

    /** {@code value / threshold}: by what factor the region lies above or below what is asked; not finite for a threshold of 0. */
    public double ratio() {
        return value / threshold;
    }

    /**
     * By how much the test holds: the natural logarithm of the factor between value and threshold, positive where there is room
     * and negative where it is missing; infinite where either is 0.
     */
    public double margin() {
        double above = Math.log(value) - Math.log(threshold);
        return switch (test) {
            case OPERATORS, MACS -> above;
            case BYTES_PER_MAC, BREAK_EVEN -> -above;
        };
    }

    /** One line for people, e.g. {@code F = 5.1e+08 MAC is below 1e+09, by a factor of 1.96}. */
    public String sentence() {
        String relation = switch (test) {
            case OPERATORS, MACS -> holds() ? "reaches" : "is below";
            case BYTES_PER_MAC -> holds() ? "stays within" : "is above";
            case BREAK_EVEN -> holds() ? "beats the CPU's" : "does not beat the CPU's";
        };
        return test.symbol() + " = " + amount(value) + " " + relation + " " + amount(threshold) + distance();
    }

    private String distance() {
        double factor = Math.max(ratio(), 1 / ratio());
        // Neither zero nor infinity is a factor that tells anything.
        return holds() || !Double.isFinite(factor) ? "" : String.format(Locale.ROOT, ", by a factor of %.3g", factor);
    }

    private String amount(double quantity) {
        return switch (test) {
            case OPERATORS -> String.format(Locale.ROOT, "%.0f", quantity);
            case MACS -> String.format(Locale.ROOT, "%.3g MAC", quantity);
            case BYTES_PER_MAC -> Double.isInfinite(quantity) ? "infinite" : String.format(Locale.ROOT, "%.3g B/MAC", quantity);
            case BREAK_EVEN -> String.format(Locale.ROOT, "%.3f ms", quantity * 1e3);
        };
    }
}
