package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.job.FleetTopology;
import io.parallaxfleet.job.JobOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;

/** Says what the state in a savepoint of the job takes, by operator, by device and by key of aggregates. */
final class StateReport {
    private static final double MIB = 1 << 20;
    private static final int MAX_DEVICE_BYTES = 300;
    private static final int MAX_KEY_BYTES = 4096;

    private final PrintStream out;

    StateReport(PrintStream out) {
        this.out = out;
    }

    /**
     * Prints the tables.
     *
     * @param savepoint in the canonical format
     * @return whether the state is within its bounds
     */
    boolean print(Path savepoint, JobOptions options) throws Exception {
        OperatorBytes bytes = OperatorBytes.of(savepoint);
        operators(bytes);
        KeyBytes sessions = KeyBytes.ofSessions(savepoint);
        KeyBytes ledgers = KeyBytes.ofLedgers(savepoint);
        KeyBytes windows = KeyBytes.ofWindows(savepoint, "aggregate", options.window());
        KeyBytes rollups = KeyBytes.ofWindows(savepoint, "rollup", FleetTopology.rollup(options.window()));
        say("%-46s %12s %14s %10s %10s", "entries, key included", "keys", "bytes", "mean", "largest");
        line("sessions (plan-join)", sessions);
        line("device ledgers (device-ledgers)", ledgers);
        line("open windows of 10 s (aggregate)", windows);
        line("open windows of 5 min (rollup)", rollups);
        double device = ledgers.keys() == 0 ? 0 : (double) (sessions.bytes() + ledgers.bytes()) / ledgers.keys();
        say("a device: %.0f bytes, at most %,d, of which %,d are its session and %,d its ledger", device, sessions.largest() + ledgers.largest(),
                sessions.largest(), ledgers.largest());
        boolean within = device <= MAX_DEVICE_BYTES && Math.max(windows.largest(), rollups.largest()) <= MAX_KEY_BYTES;
        say("%swithin %d bytes a device in the mean and %,d bytes a (class, model, branch) key and window", within ? "" : "NOT ",
                MAX_DEVICE_BYTES, MAX_KEY_BYTES);
        return within;
    }

    /** The operators with most state. */
    void operators(OperatorBytes bytes) {
        say("%-46s %14s %14s", "state by operator, MiB", "keyed", "other");
        bytes.keyed().entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, Long> operator) -> operator.getValue()
                        + bytes.other().get(operator.getKey())).reversed())
                .filter(operator -> operator.getValue() + bytes.other().get(operator.getKey()) > 1024)
                .forEach(operator -> say("  %-44s %14.2f %14.2f", operator.getKey(), operator.getValue() / MIB,
                        bytes.other().get(operator.getKey()) / MIB));
        say("  %-44s %14.2f", "all", bytes.total() / MIB);
    }

    private void line(String what, KeyBytes bytes) {
        say("  %-44s %,12d %,14d %,10.0f %,10d", what, bytes.keys(), bytes.bytes(), bytes.mean(), bytes.largest());
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
