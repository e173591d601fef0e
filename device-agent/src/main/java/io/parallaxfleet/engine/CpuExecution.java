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
 * @param graph what a plan of one session runs; a plan of several steps is cut from the original
 */
public record CpuExecution(SideBySide sideBySide, int threads, Spinning spinning, boolean bound, GraphForm graph) {
    public CpuExecution {
        Objects.requireNonNull(sideBySide, "sideBySide");
        Objects.requireNonNull(spinning, "spinning");
        Objects.requireNonNull(graph, "graph");
        if (graph == GraphForm.REWRITTEN && !(sideBySide instanceof SideBySide.Nowhere)) {
            throw new IllegalArgumentException("a rewritten model runs in one session; no layer of it runs side by side");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; at least 1 is needed");
        }
    }

    /** On the original graph. */
    public CpuExecution(SideBySide sideBySide, int threads, Spinning spinning, boolean bound) {
        this(sideBySide, threads, spinning, bound, GraphForm.ORIGINAL);
    }

    /** The same on the rewritten graph. */
    CpuExecution rewritten() {
        return new CpuExecution(sideBySide, threads, spinning, bound, GraphForm.REWRITTEN);
    }

    /** Whether some layer runs side by side. */
    public boolean splits() {
        return !(sideBySide instanceof SideBySide.Nowhere);
    }
}
