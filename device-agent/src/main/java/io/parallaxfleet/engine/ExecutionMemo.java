package io.parallaxfleet.engine;

import io.parallaxfleet.execute.SessionSettings.Spinning;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answer of an {@link ExecutionTrial} on disk, beside the model it is about.
 *
 * @param file one for each model, shape, thread count, processor and engine version
 */
record ExecutionMemo(Path file) {
    /** How long an answer counts that was measured while something else was busy on the machine. */
    static final Duration UNSTEADY_COUNTS_FOR = Duration.ofHours(1);
    private static final String SIDE_BY_SIDE = "sideBySide";
    private static final String NOWHERE = "nowhere";
    private static final String INSIDE = "/";

    /** The answer of an earlier trial; empty when there is none, it cannot be read or it no longer counts. */
    Optional<CpuExecution> read(Instant now) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
            Instant measuredAt = Instant.parse(properties.getProperty("measuredAt", ""));
            if (!Boolean.parseBoolean(properties.getProperty("steady")) && now.isAfter(measuredAt.plus(UNSTEADY_COUNTS_FOR))) {
                return Optional.empty();
            }
            Spinning spinning = Spinning.valueOf(properties.getProperty("spinning", ""));
            int threads = Integer.parseInt(properties.getProperty("threads", ""));
            return Optional.of(new CpuExecution(sideBySide(properties, SIDE_BY_SIDE), threads, spinning,
                    Boolean.parseBoolean(properties.getProperty("bound"))));
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Writes an answer in one step, so that no other process reads half of it. */
    void write(CpuExecution execution, TrialResult result, Instant measuredAt) {
        Properties properties = new Properties();
        put(properties, SIDE_BY_SIDE, execution.sideBySide());
        properties.setProperty("threads", Integer.toString(execution.threads()));
        properties.setProperty("spinning", execution.spinning().name());
        properties.setProperty("bound", Boolean.toString(execution.bound()));
        properties.setProperty("steady", Boolean.toString(result.steady()));
        properties.setProperty("measuredAt", measuredAt.toString());
        properties.setProperty("basis", result.basis());
        result.measured().forEach((candidate, measured) -> {
            properties.setProperty("measuredNanos." + candidate, Long.toString(measured.latencyNanos()));
            measured.microjoules().ifPresent(
                    microjoules -> properties.setProperty("measuredMicrojoules." + candidate, Long.toString(microjoules)));
        });
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

    /** One property for the graph and one for each sub-graph that gains, named by the way to it. */
    private static void put(Properties properties, String key, SideBySide sideBySide) {
        if (sideBySide instanceof SideBySide.Measured measured) {
            properties.setProperty(key, measured.operators().isEmpty()
                    ? NOWHERE
                    : measured.operators().stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
            measured.bodies().forEach((body, inside) -> put(properties, key + INSIDE + body, inside));
        } else if (sideBySide instanceof SideBySide.Nowhere) {
            properties.setProperty(key, NOWHERE);
        } else {
            throw new IllegalArgumentException("a trial answers with measured layers or none, not with " + sideBySide);
        }
    }

    private static SideBySide sideBySide(Properties properties, String key) {
        String text = properties.getProperty(key, "?");
        Set<Integer> operators = text.equals(NOWHERE)
                ? Set.of()
                : Arrays.stream(text.split(",")).map(Integer::valueOf).collect(Collectors.toSet());
        Map<String, SideBySide> bodies = new HashMap<>();
        for (String inside : properties.stringPropertyNames()) {
            if (inside.startsWith(key + INSIDE) && inside.lastIndexOf(INSIDE) == key.length()) {
                bodies.put(inside.substring(key.length() + 1), sideBySide(properties, inside));
            }
        }
        return operators.isEmpty() && bodies.isEmpty() ? new SideBySide.Nowhere() : new SideBySide.Measured(operators, bodies);
    }
}
