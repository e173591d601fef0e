package io.parallaxfleet.engine;

import io.parallaxfleet.execute.SessionSettings.Spinning;
import java.util.Objects;

/**
 * How the CPU part of a model runs on this device.
 *
 * @param sideBySide layers whose branches run side by side
 * @param threads intra-op threads of the steps that run alone
 * @param spinning what their threads do between pieces of work
 * @param bound whether each thread has a core of its own while a run lasts
 */
public record CpuExecution(SideBySide sideBySide, int threads, Spinning spinning, boolean bound) {
    public CpuExecution {
        Objects.requireNonNull(sideBySide, "sideBySide");
        Objects.requireNonNull(spinning, "spinning");
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; at least 1 is needed");
        }
    }

    /** Whether some layer runs side by side. */
    public boolean splits() {
        return !(sideBySide instanceof SideBySide.Nowhere);
    }
}
