package io.parallaxfleet.operators.fit;

import java.util.Locale;
import java.util.Objects;

/**
 * A class's runs no longer are what its cost model was fitted to.
 *
 * @param side which runs
 * @param ratio of what they take now to what they took, by the runs that raised the alarm
 */
public record Drift(CostSide side, double ratio) {
    /** Fits for which intervals stay wide after it. */
    public static final int WIDE_FITS = 40;

    public Drift {
        Objects.requireNonNull(side, "side");
        if (!(ratio > 0) || Double.isInfinite(ratio)) {
            throw new IllegalArgumentException("a ratio of " + ratio + "; it must be positive");
        }
    }

    /** One line for people. */
    public String describe() {
        return String.format(Locale.ROOT, "%s take %.2f times what they took when the cost model was last settled",
                side == CostSide.ACCELERATOR ? "accelerator runs" : "CPU runs", ratio);
    }
}
