package io.parallaxfleet.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;

/**
 * Decides by measurement on this device how the CPU part of a model runs, and remembers the answer on disk.
 *
 * <p>Candidates take turns, each run {@link #GAP} after the one before, so that no thread of another candidate still spins and a
 * change of the machine's speed hits all alike; medians decide.
 */
final class ExecutionTrial {
    /** Longer than an ONNX Runtime thread spins after its last piece of work. */
    static final Duration GAP = Duration.ofMillis(15);

    private static final int WARM_UP_RUNS = 2;
    private static final int TIMED_RUNS = 7;
    /** A split has to win by more than the noise of a few runs: it costs memory. */
    private static final double SPLIT_MUST_REACH = 0.97;

    private final Path file;
    private final Runnable gap;

    /** One way to run, and one run of it that returns its latency in nanoseconds. */
    record Candidate(CpuExecution execution, LongSupplier run) {}

    /**
     * @param file where the answer for this model, shape, thread count and engine version is kept
     * @param gap waits {@link #GAP}
     */
    ExecutionTrial(Path file, Runnable gap) {
        this.file = file;
        this.gap = gap;
    }

    /** The answer of an earlier trial. */
    Optional<CpuExecution> remembered() {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            // An unreadable answer is measured again and written anew.
            return Optional.empty();
        }
        boolean spinning = Boolean.parseBoolean(properties.getProperty("spinning"));
        return switch (properties.getProperty("execution", "")) {
            case "ONE_SESSION" -> Optional.of(new CpuExecution(Execution.ONE_SESSION, spinning));
            case "SPLIT" -> Optional.of(new CpuExecution(Execution.SPLIT, spinning));
            default -> Optional.empty();
        };
    }

    /**
     * Times the candidates in turns and keeps the answer.
     *
     * @param candidates at least one
     */
    CpuExecution decide(List<Candidate> candidates) {
        long[][] latencyNanos = new long[candidates.size()][TIMED_RUNS];
        for (int run = -WARM_UP_RUNS; run < TIMED_RUNS; run++) {
            for (int candidate = 0; candidate < candidates.size(); candidate++) {
                gap.run();
                long nanos = candidates.get(candidate).run().getAsLong();
                if (run >= 0) {
                    latencyNanos[candidate][run] = nanos;
                }
            }
        }
        Properties record = new Properties();
        int best = 0;
        double bestScore = Double.POSITIVE_INFINITY;
        for (int candidate = 0; candidate < candidates.size(); candidate++) {
            CpuExecution execution = candidates.get(candidate).execution();
            long median = median(latencyNanos[candidate]);
            record.setProperty("medianNanos." + execution.execution() + (execution.spinning() ? ".spinning" : ".parked"),
                    Long.toString(median));
            double score = execution.execution() == Execution.SPLIT ? median / SPLIT_MUST_REACH : median;
            if (score < bestScore) {
                bestScore = score;
                best = candidate;
            }
        }
        CpuExecution decision = candidates.get(best).execution();
        record.setProperty("execution", decision.execution().name());
        record.setProperty("spinning", Boolean.toString(decision.spinning()));
        keep(record);
        return decision;
    }

    private static long median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private void keep(Properties record) {
        try {
            Files.createDirectories(file.getParent());
            Path written = Files.createTempFile(file.getParent(), "execution", ".tmp");
            try (OutputStream out = Files.newOutputStream(written)) {
                record.store(out, "measured on this device at first use");
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
