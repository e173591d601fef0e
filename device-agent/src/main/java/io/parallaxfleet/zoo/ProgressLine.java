package io.parallaxfleet.zoo;

import java.io.PrintWriter;
import java.util.Locale;

/** Shows how far models are: one line that is written over on a terminal, one line for each model elsewhere. Not thread-safe. */
public final class ProgressLine implements ModelZoo.Progress, AutoCloseable {
    private final PrintWriter out;
    private final boolean terminal;
    private long shownPercent = -1;
    private ZooModel shown;

    public ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void written(ZooModel model, long bytes, long total) {
        long percent = total == 0 ? 100 : 100 * bytes / total;
        if (model.equals(shown) && percent == shownPercent) {
            return;
        }
        if (terminal) {
            if (shown != null && !model.equals(shown)) {
                out.println();
            }
            out.printf(Locale.ROOT, "\r%-31s %3d %% of %.1f MB", model.name(), percent, total / 1e6);
            out.flush();
        } else if (bytes == total) {
            out.printf(Locale.ROOT, "%s written, %.1f MB%n", model.name(), total / 1e6);
            out.flush();
        }
        shown = model;
        shownPercent = percent;
    }

    /** Ends the line. */
    @Override
    public void close() {
        if (terminal && shown != null) {
            out.println();
            out.flush();
        }
        shown = null;
    }
}
