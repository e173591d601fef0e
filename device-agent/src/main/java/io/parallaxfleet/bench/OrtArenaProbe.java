package io.parallaxfleet.bench;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.engine.EngineException;
import io.parallaxfleet.prepare.PreparedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What plain ONNX Runtime's CPU arena really takes for the tensors of a run, as its profiler says after every operator.
 *
 * @param inUseBytes most bytes handed out at once in the first run, in which every tensor is allocated when it is written
 * @param heldBytes bytes the arena holds at the end of the third run, free ones included; it does not give them back by itself
 */
public record OrtArenaProbe(long inUseBytes, long heldBytes) {
    private static final int RUNS = 3;

    /** Runs the original model in one session with one thread. */
    static OrtArenaProbe measure(PreparedModel model) {
        try {
            Path folder = Files.createTempDirectory("parallax-arena");
            Path profile = null;
            try {
                profile = profile(model, folder.resolve("profile"));
                return read(profile);
            } finally {
                if (profile != null) {
                    Files.deleteIfExists(profile);
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the profile of " + model.name() + " cannot be written or read", e);
        } catch (OrtException e) {
            throw new EngineException("ONNX Runtime cannot profile " + model.name() + ": " + e.getMessage(), e);
        }
    }

    private static Path profile(PreparedModel model, Path prefix) throws OrtException {
        try (ModelInputs inputs = ModelInputs.of(model);
                SessionOptions options = new SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.enableProfiling(prefix.toString());
            for (Map.Entry<String, Long> dimension : model.boundDimensions().entrySet()) {
                options.setSymbolicDimensionValue(dimension.getKey(), dimension.getValue());
            }
            try (OrtSession session =
                    OrtEnvironment.getEnvironment().createSession(model.originalModel().toString(), options)) {
                for (int run = 0; run < RUNS; run++) {
                    session.run(inputs.tensors()).close();
                }
                return Path.of(session.endProfiling());
            }
        }
    }

    private static OrtArenaProbe read(Path profile) throws IOException {
        long weightsHeld = -1;
        long weightsInUse = 0;
        long inUse = 0;
        long held = 0;
        int runs = 0;
        for (JsonNode event : new ObjectMapper().readTree(profile.toFile())) {
            // A run's own event follows those of its operators.
            if (event.path("name").asText().equals("model_run")) {
                runs++;
            }
            JsonNode figures = event.path("args");
            if (!figures.has("mem_arena_held")) {
                continue;
            }
            if (weightsHeld < 0) {
                // Before the first operator the arena holds weights alone.
                weightsHeld = figures.path("mem_arena_held").asLong() - figures.path("mem_arena_held_delta").asLong();
                weightsInUse = figures.path("mem_bytes_in_use").asLong() - figures.path("mem_in_use_delta").asLong();
            }
            if (runs == 0) {
                inUse = Math.max(inUse, figures.path("mem_bytes_in_use").asLong());
            }
            held = figures.path("mem_arena_held").asLong();
        }
        return new OrtArenaProbe(Math.max(0, inUse - weightsInUse), Math.max(0, held - Math.max(0, weightsHeld)));
    }
}
