package io.parallaxfleet.prepare;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Lets ONNX Runtime optimise a model once for bound shapes: fusions at extended level, which do not depend on the machine, so
 * that the file may move; the machine's own layouts are chosen when segments are loaded.
 */
final class GraphOptimizer {
    static final String MODEL_FILE = "optimized.onnx";
    private static final String WEIGHTS_FILE = "optimized.weights";
    private static final String RAW_FILE = "raw.onnx";
    /** Smaller constants stay in the graph, where ONNX Runtime can see shapes and axes. */
    private static final int EXTERNAL_FROM_BYTES = 1024;

    private final OrtEnvironment environment;
    private final OnnxModel original;
    private final InputShapes shapes;

    GraphOptimizer(OrtEnvironment environment, OnnxModel original, InputShapes shapes) {
        this.environment = environment;
        this.original = original;
        this.shapes = shapes;
    }

    /** Fills a folder with the optimised model, its weights beside it and the type of every tensor inside. */
    void write(Path folder) throws IOException {
        Path raw = folder.resolve(RAW_FILE);
        optimize(raw);
        // ONNX Runtime's own file lists initialisers twice; it is checked once it is mended.
        ModelProto.Builder model = OnnxModel.parse(raw).toBuilder();
        InitializerCleanup.clean(model.getGraphBuilder());
        model.getGraphBuilder().clearValueInfo();
        OnnxModel cleaned = OnnxModel.of(raw, model.build());
        Map<String, ValueInfoProto> types = new TypeInference(environment, cleaned, folder, original.path()).infer();
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.clearNode().addAllNode(cleaned.nodes());
        types.values().forEach(graph::addValueInfo);
        new BodyTypes(environment, cleaned.proto(), folder, original.path()).addTo(graph);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(folder.resolve(MODEL_FILE)))) {
            model.build().writeTo(out);
        }
        Files.delete(raw);
    }

    private void optimize(Path target) throws IOException {
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(SessionOptions.OptLevel.EXTENDED_OPT);
            options.setOptimizedModelFilePath(target.toString());
            options.addConfigEntry("session.optimized_model_external_initializers_file_name", WEIGHTS_FILE);
            options.addConfigEntry(
                    "session.optimized_model_external_initializers_min_size_in_bytes", Integer.toString(EXTERNAL_FROM_BYTES));
            // Nothing is run here.
            options.addConfigEntry("session.disable_prepacking", "1");
            for (Map.Entry<String, Long> dimension : shapes.dimensions().entrySet()) {
                options.setSymbolicDimensionValue(dimension.getKey(), dimension.getValue());
            }
            try (OrtSession session = open(options)) {
                session.getNumInputs();
            }
        } catch (OrtException e) {
            throw RuntimeErrors.explain(original.path(), shapes, e);
        }
    }

    private OrtSession open(SessionOptions options) throws OrtException {
        if (!shapes.anonymous()) {
            return environment.createSession(original.path().toString(), options);
        }
        // Only named dimensions can be bound through options.
        options.addConfigEntry(
                "session.model_external_initializers_file_folder_path", original.path().toAbsolutePath().getParent().toString());
        ModelProto.Builder model = original.proto().toBuilder();
        for (ValueInfoProto.Builder input : model.getGraphBuilder().getInputBuilderList()) {
            if (shapes.types().containsKey(input.getName())) {
                TensorShapeProto.Builder shape =
                        input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().clearDim();
                shapes.types().get(input.getName()).dimensions().forEach(value -> shape.addDimBuilder().setDimValue(value));
            }
        }
        return environment.createSession(model.build().toByteArray(), options);
    }
}
