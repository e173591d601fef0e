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
 * An {@link ExecutionAnswer} on disk, beside the model it is about.
 *
 * @param file one for each model, shape, thread count, processor and engine version
 */
record ExecutionMemo(Path file) {
    private static final String ANSWER = "answer";
    private static final String SETTLED = "settled";
    private static final String PROVISIONAL = "provisional";
    private static final String RIVALRY = "rivalry";
    private static final String REWRITING = "rewriting";
    private static final String SIDE_BY_SIDE = "sideBySide";
    private static final String NOWHERE = "nowhere";
    private static final String INSIDE = "/";

    /** The answer of an earlier trial; empty when there is none, it cannot be read or it no longer counts. */
    Optional<ExecutionAnswer> read(Instant now) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Properties properties = properties();
            switch (properties.getProperty(ANSWER, "")) {
                case SETTLED:
                    return Optional.of(new ExecutionAnswer.Settled(execution(properties)));
                case PROVISIONAL:
                    Instant until = instant(properties, "until");
                    return now.isAfter(until) ? Optional.empty() : Optional.of(new ExecutionAnswer.Provisional(execution(properties), until));
                case RIVALRY:
                    return Optional.of(new ExecutionAnswer.Rivalry(execution(properties), Boolean.parseBoolean(properties.getProperty("inForce")),
                            new RivalEvidence(rounds(properties, "paced"), rounds(properties, "backToBack")),
                            instant(properties, "foundAt"), instant(properties, "lookedAt")));
                default:
                    // Of a build that believed its trials too soon, or none of ours.
                    return Optional.empty();
            }
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * Writes an answer and what it is from, in one step, so that no other process reads half of it.
     *
     * @param rewriting what became of rewriting the model, for people
     */
    void write(ExecutionAnswer answer, TrialResult result, Optional<String> rewriting) {
        Properties properties = new Properties();
        rewriting.ifPresent(found -> properties.setProperty(REWRITING, found));
        properties.setProperty("basis", result.basis());
        result.measured().forEach((candidate, measured) -> {
            properties.setProperty("measuredNanos." + candidate, Long.toString(measured.latencyNanos()));
            measured.microjoules().ifPresent(
                    microjoules -> properties.setProperty("measuredMicrojoules." + candidate, Long.toString(microjoules)));
        });
        write(answer, properties);
    }

    /** Replaces an answer and keeps what the first one was from. */
    void update(ExecutionAnswer answer) {
        Properties properties = new Properties();
        try {
            properties().forEach((key, value) -> {
                if (key.toString().startsWith("measured") || key.equals("basis") || key.equals(REWRITING)) {
                    properties.put(key, value);
                }
            });
        } catch (IOException | IllegalArgumentException e) {
            // Somebody deleted it: the answer alone is enough.
            properties.clear();
        }
        write(answer, properties);
    }

    private Properties properties() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }

    private void write(ExecutionAnswer answer, Properties properties) {
        if (answer instanceof ExecutionAnswer.Settled settled) {
            properties.setProperty(ANSWER, SETTLED);
            put(properties, settled.execution());
        } else if (answer instanceof ExecutionAnswer.Provisional provisional) {
            properties.setProperty(ANSWER, PROVISIONAL);
            properties.setProperty("until", provisional.until().toString());
            put(properties, provisional.execution());
        } else if (answer instanceof ExecutionAnswer.Rivalry rivalry) {
            properties.setProperty(ANSWER, RIVALRY);
            properties.setProperty("inForce", Boolean.toString(rivalry.inForce()));
            properties.setProperty("paced", text(rivalry.evidence().paced()));
            properties.setProperty("backToBack", text(rivalry.evidence().backToBack()));
            properties.setProperty("foundAt", rivalry.foundAt().toString());
            properties.setProperty("lookedAt", rivalry.lookedAt().toString());
            put(properties, rivalry.challenger());
        }
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

    private static String text(PairedRounds rounds) {
        return rounds.wins() + " won, " + rounds.losses() + " lost";
    }

    private static PairedRounds rounds(Properties properties, String key) {
        String[] words = properties.getProperty(key, "").split(" won, | lost");
        if (words.length != 2) {
            throw new IllegalArgumentException(key + " is not '8 won, 1 lost'");
        }
        return new PairedRounds(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    }

    private static Instant instant(Properties properties, String key) {
        return Instant.parse(properties.getProperty(key, ""));
    }

    private static void put(Properties properties, CpuExecution execution) {
        put(properties, SIDE_BY_SIDE, execution.sideBySide());
        properties.setProperty("threads", Integer.toString(execution.threads()));
        properties.setProperty("spinning", execution.spinning().name());
        properties.setProperty("bound", Boolean.toString(execution.bound()));
        properties.setProperty("graph", execution.graph().name());
    }

    private static CpuExecution execution(Properties properties) {
        return new CpuExecution(sideBySide(properties, SIDE_BY_SIDE), Integer.parseInt(properties.getProperty("threads", "")),
                Spinning.valueOf(properties.getProperty("spinning", "")), Boolean.parseBoolean(properties.getProperty("bound")),
                GraphForm.valueOf(properties.getProperty("graph", "")));
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
