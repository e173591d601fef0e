package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Peak resident memory of one contender: a process of its own loads the model, runs it a few times and reads {@code VmHWM} of
 * {@code /proc/self/status}. The JVM's own share is in every figure alike.
 */
public final class PeakMemoryProbe {
    private static final int RUNS = 5;
    private static final String RESULT_PREFIX = "peak-resident-bytes ";

    private PeakMemoryProbe() {}

    /**
     * Measures a contender in a fresh process; empty where the system has no {@code /proc}.
     *
     * @param contender a name of {@link Contenders}
     * @param cache where prepared models are kept
     * @param flags as {@link EngineFlags} reads them
     */
    public static OptionalLong measure(
            String contender, ModelSource model, Map<String, Long> dimensions, Path cache, List<String> flags) {
        if (!Files.isReadable(Path.of("/proc/self/status"))) {
            return OptionalLong.empty();
        }
        try {
            // The class path goes through a file: ONNX Runtime's start-up does not bear a long command line.
            Path arguments = Files.createTempFile("parallax-probe", ".args");
            try {
                // A heap that grows as it has to: the first size is a share of the machine's memory otherwise, and garbage fills it.
                Files.writeString(arguments, "-XX:+UseSerialGC -Xms16m -Xmx512m -cp \""
                        + System.getProperty("java.class.path").replace("\\", "\\\\") + "\"");
                List<String> command = new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@" + arguments,
                        PeakMemoryProbe.class.getName(), contender, model.name(), model.path().toString(),
                        cache.toString()));
                new TreeMap<>(dimensions).forEach((name, value) -> command.add(name + "=" + value));
                command.addAll(flags);
                return run(command);
            } finally {
                Files.delete(arguments);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the memory probe of " + contender, e);
        }
    }

    private static OptionalLong run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output.lines()
                .filter(line -> line.startsWith(RESULT_PREFIX))
                .mapToLong(line -> Long.parseLong(line.substring(RESULT_PREFIX.length()).trim()))
                .findFirst();
    }

    /** Entry of the probe process: contender, model name, model path, cache directory, dimensions, flags. */
    public static void main(String[] arguments) throws IOException {
        Map<String, Long> dimensions = new TreeMap<>();
        int next = 4;
        for (; next < arguments.length && !arguments[next].startsWith("--"); next++) {
            int equals = arguments[next].lastIndexOf('=');
            dimensions.put(arguments[next].substring(0, equals), Long.parseLong(arguments[next].substring(equals + 1)));
        }
        EngineFlags flags = EngineFlags.parse(List.of(arguments).subList(next, arguments.length));
        Path cache = Path.of(arguments[3]);
        ModelSource source = new ModelSource(arguments[1], Path.of(arguments[2]), dimensions);
        PreparedModel model = ModelPreparation.prepare(source, dimensions, cache);
        EngineOptions options = flags.applyTo(EngineOptions.defaults(cache));
        try (Contender contender = Contenders.open(arguments[0], model, options);
                ModelInputs inputs = ModelInputs.of(model)) {
            for (int run = 0; run < RUNS; run++) {
                contender.run(inputs.tensors(), Contender.OutputReader.none());
            }
        }
        long kibibytes = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
        System.out.println(RESULT_PREFIX + kibibytes * 1024);
    }
}
