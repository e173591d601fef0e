package io.parallaxfleet.partition;

import java.util.Locale;

/** What a policy says of a region, with the evidence. */
public sealed interface Verdict {
    Region region();

    /** One line for people: why, and by how much. */
    String reason();

    record Kept(Region region, String reason) implements Verdict {}

    /** The test that failed, what the region has and what the test asks for, in the test's unit. */
    record Pruned(Region region, Test test, double actual, double required) implements Verdict {
        @Override
        public String reason() {
            return switch (test) {
                case OPERATORS -> String.format(Locale.ROOT, "N = %.0f is below %.0f", actual, required);
                case MACS -> String.format(Locale.ROOT, "F = %.3g MACs is below %.3g (%.1f %% of it)", actual, required,
                        100 * actual / required);
                case BYTES_PER_MAC -> String.format(Locale.ROOT, "B/F = %.3g B/MAC is above %.3g", actual, required);
                case BREAK_EVEN -> String.format(Locale.ROOT, "%.3f ms on the accelerator against %.3f ms on the CPU",
                        actual * 1e3, required * 1e3);
                case NEVER -> "the policy never delegates";
                case NOT_CHOSEN -> "not chosen by exploration";
            };
        }
    }

    /** The tests a region can fail. */
    enum Test {
        OPERATORS,
        MACS,
        BYTES_PER_MAC,
        BREAK_EVEN,
        NEVER,
        NOT_CHOSEN
    }
}
