package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionFactory;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SharedArena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One session over the whole model with its dimensions left open: runs any shape, planned for none. One run at a time. */
final class OpenShapeSession implements AutoCloseable {
    private final SessionFactory sessions;
    private final OrtSession session;
    private final String model;
    private OrtSession.Result held;

    OpenShapeSession(SessionFactory sessions, Path model, SessionSettings settings) {
        this.sessions = sessions;
        this.session = OrtSessions.open(sessions, model, settings, new SharedArena.OwnArena("not asked for"));
        this.model = model.toString();
    }

    ShapedRun.Unplanned run(Map<String, OnnxTensor> inputs) {
        releaseRun();
        long start = System.nanoTime();
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            // What the largest shape took is given back; other shapes have plans soon.
            options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            held = session.run(inputs, options);
        } catch (OrtException e) {
            throw new EngineException("model '" + model + "' failed: " + e.getMessage(), e);
        }
        long latencyNanos = System.nanoTime() - start;
        Map<String, OnnxTensor> outputs = new HashMap<>();
        for (Map.Entry<String, OnnxValue> output : held) {
            outputs.put(output.getKey(), (OnnxTensor) output.getValue());
        }
        return new ShapedRun.Unplanned(outputs, latencyNanos);
    }

    /** Closes the outputs of the last run. */
    void releaseRun() {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    @Override
    public void close() {
        releaseRun();
        try {
            sessions.close(session);
        } catch (OrtException e) {
            throw new EngineException("the session of '" + model + "' did not close", e);
        }
    }
}
