package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.engine.EngineException;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Plain ONNX Runtime on the original model file with every optimisation on. */
final class OrtContender implements Contender {
    private final String name;
    private final SessionSettings settings;
    private final OrtSession session;

    OrtContender(String name, PreparedModel model, SessionSettings settings) {
        this(name, model.originalModel(), settings.withDimensions(model.boundDimensions()));
    }

    private OrtContender(String name, Path model, SessionSettings settings) {
        this.name = name;
        this.settings = settings;
        this.session = OrtSessions.open(OrtEnvironment.getEnvironment(), model, settings);
    }

    /** Takes inputs of any shape. */
    static OrtContender withOpenDimensions(String name, ModelSource source, SessionSettings settings) {
        return new OrtContender(name, source.path(), settings);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean peer() {
        return true;
    }

    @Override
    public String setting() {
        return settings.intraOpThreads() + " intra-op, " + settings.interOpThreads() + " inter-op, spinning "
                + (settings.spinning() == SessionSettings.Spinning.OFF ? "off" : "on");
    }

    @Override
    public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
        try {
            long start = System.nanoTime();
            try (OrtSession.Result result = session.run(inputs)) {
                long latencyNanos = System.nanoTime() - start;
                Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
                for (Map.Entry<String, OnnxValue> output : result) {
                    if (output.getValue() instanceof OnnxTensor tensor) {
                        tensors.put(output.getKey(), tensor);
                    }
                }
                outputs.read(tensors);
                return latencyNanos;
            }
        } catch (OrtException e) {
            throw new EngineException("ONNX Runtime (" + name + ") failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new EngineException("the session of " + name + " did not close", e);
        }
    }
}
