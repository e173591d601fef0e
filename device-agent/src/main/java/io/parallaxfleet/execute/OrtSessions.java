package io.parallaxfleet.execute;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.parallaxfleet.graph.ModelFormatException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** Opens ONNX Runtime sessions. Thread-safe. */
public final class OrtSessions {
    private OrtSessions() {}

    /**
     * Opens a model, with every optimisation on unless the settings say that it runs as it is.
     *
     * @throws ModelFormatException when ONNX Runtime refuses the model; the message names the file
     */
    public static OrtSession open(OrtEnvironment environment, Path model, SessionSettings settings) {
        return open(environment, model, settings, new SharedArena.OwnArena("not asked for"));
    }

    /** The same with tensors in a shared arena, where the lease is of one. */
    public static OrtSession open(OrtEnvironment environment, Path model, SessionSettings settings, SharedArena.Lease arena) {
        return open(SessionFactory.eachOnItsOwn(environment), model, settings, arena);
    }

    /** The same by a factory, which says who holds the weights. */
    public static OrtSession open(SessionFactory sessions, Path model, SessionSettings settings, SharedArena.Lease arena) {
        try (SessionOptions options = new SessionOptions()) {
            options.setOptimizationLevel(settings.exact() ? SessionOptions.OptLevel.NO_OPT : SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(settings.intraOpThreads());
            options.setInterOpNumThreads(settings.interOpThreads());
            options.setExecutionMode(settings.interOpThreads() > 1
                    ? SessionOptions.ExecutionMode.PARALLEL
                    : SessionOptions.ExecutionMode.SEQUENTIAL);
            String spin = settings.spinning() == SessionSettings.Spinning.OFF ? "0" : "1";
            options.addConfigEntry("session.intra_op.allow_spinning", spin);
            options.addConfigEntry("session.inter_op.allow_spinning", spin);
            if (settings.spinning() == SessionSettings.Spinning.WITHIN_RUN) {
                options.addConfigEntry("session.force_spinning_stop", "1");
            }
            if (!settings.poolCores().isEmpty()) {
                // ONNX Runtime counts cores from 1.
                options.addConfigEntry("session.intra_op_thread_affinities",
                        settings.poolCores().stream().map(core -> String.valueOf(core + 1)).collect(Collectors.joining(";")));
            }
            options.setMemoryPatternOptimization(settings.oneBlock());
            if (arena instanceof SharedArena.Shared) {
                options.addConfigEntry("session.use_env_allocators", "1");
            }
            // Warnings about initialisers that a cut graph no longer needs would drown the log.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            for (Map.Entry<String, Long> dimension : settings.dimensions().entrySet()) {
                options.setSymbolicDimensionValue(dimension.getKey(), dimension.getValue());
            }
            return sessions.create(model, options);
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime cannot load " + model + ": " + e.getMessage(), e);
        }
    }
}
