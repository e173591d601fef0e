package io.parallaxfleet.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;

/**
 * Decides by measurement on this device whether the CPU part of a model runs in one session or split into branches, and
 * remembers the answer on disk.
 */
final class ExecutionTrial {
    private static final int WARM_UP_RUNS = 2;
    private static final int TIMED_RUNS = 7;
    /** A split has to win by more than the noise of a few runs: it costs memory. */
    private static final double SPLIT_MUST_REACH = 0.97;

    private final Path file;

    /** @param file where the answer for this model, shape, thread count and engine version is kept */
    ExecutionTrial(Path file) {
        this.file = file;
    }

    /** The answer of an earlier trial. */
    Optional<Execution> remembered() {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
            return switch (properties.getProperty("execution", "")) {
                case "ONE_SESSION" -> Optional.of(Execution.ONE_SESSION);
                case "SPLIT" -> Optional.of(Execution.SPLIT);
                default -> Optional.empty();
            };
        } catch (IOException | IllegalArgumentException e) {
            // An unreadable answer is measured again and written anew.
            return Optional.empty();
        }
    }

    /**
     * Times both executions in turns and keeps the answer.
     *
     * @param oneSession one run in one session; returns its latency in nanoseconds
     * @param split one run of the split plan; likewise
     */
    Execution decide(LongSupplier oneSession, LongSupplier split) {
        long[] oneSessionNanos = new long[TIMED_RUNS];
        long[] splitNanos = new long[TIMED_RUNS];
        for (int run = -WARM_UP_RUNS; run < TIMED_RUNS; run++) {
            long one = oneSession.getAsLong();
            long many = split.getAsLong();
            if (run >= 0) {
                oneSessionNanos[run] = one;
                splitNanos[run] = many;
            }
        }
        long oneMedian = median(oneSessionNanos);
        long splitMedian = median(splitNanos);
        Execution decision = splitMedian < SPLIT_MUST_REACH * oneMedian ? Execution.SPLIT : Execution.ONE_SESSION;
        remember(decision, oneMedian, splitMedian);
        return decision;
    }

    private static long median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private void remember(Execution decision, long oneSessionNanos, long splitNanos) {
        Properties properties = new Properties();
        properties.setProperty("execution", decision.name());
        properties.setProperty("oneSessionMedianNanos", Long.toString(oneSessionNanos));
        properties.setProperty("splitMedianNanos", Long.toString(splitNanos));
        try {
            Files.createDirectories(file.getParent());
            Path written = Files.createTempFile(file.getParent(), "execution", ".tmp");
            try (OutputStream out = Files.newOutputStream(written)) {
                properties.store(out, "measured on this device at first use");
            }
            move(written);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the measured execution in " + file, e);
        }
    }

    private void move(Path written) throws IOException {
        try {
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
