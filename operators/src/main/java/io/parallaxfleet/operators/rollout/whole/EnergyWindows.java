package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.rollout.whole.EpochWindows.Cell;

/**
 * What inferences of one epoch took in energy, window by window and model by model, by one meter or model: the first that was seen.
 * Windows of another source, or of several together, are left out, since their joules are not the same. Not thread-safe.
 */
public final class EnergyWindows {
    private final EpochWindows windows;
    private String source;

    public EnergyWindows() {
        this(null, new EpochWindows());
    }

    EnergyWindows(String source, EpochWindows windows) {
        this.source = source;
        this.windows = windows;
    }

    public void add(long windowEndMillis, String model, String ofSource, long samples, double meanMicrojoules) {
        if (samples < 1 || !(meanMicrojoules > 0) || ofSource.contains("+") || source != null && !source.equals(ofSource)) {
            return;
        }
        source = ofSource;
        windows.put(windowEndMillis, model, new Cell(samples, Math.log(meanMicrojoules)));
    }

    /** Null where energy is unavailable. */
    public String source() {
        return source;
    }

    /** Means in the place of medians. */
    public EpochWindows windows() {
        return windows;
    }
}
