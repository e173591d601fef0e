package io.parallaxfleet.check.fuzz;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import io.parallaxfleet.host.OwnMemory;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prepares the models whose paths arrive on standard input, as the agent would, and answers each with one word: {@code refused}
 * by our own checks, {@code runtime} when ONNX Runtime refuses, {@code prepared}. With the argument {@link #RUN} it also runs each once on
 * made-up inputs and answers {@code ran}, or how much memory that took where it is more than a small model may take. It is a process of its
 * own, because a model may end it.
 */
public final class NativeFuzzWorker {
    static final String RUN = "run";
    /** Of a model whose tensors are a few kilobytes. */
    private static final long MOST_BYTES = 2_500L << 20;

    private NativeFuzzWorker() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        boolean runs = List.of(arguments).contains(RUN);
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            forgetPeak();
            String answer = answer(Path.of(path), runs);
            System.out.println("answer " + (runs && OwnMemory.peakBytes() > MOST_BYTES ? answer + " with " + (OwnMemory.peakBytes() >> 20) + " MB" : answer));
            System.out.flush();
        }
    }

    private static void forgetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    private static String answer(Path file, boolean runs) throws IOException {
        OnnxModel model;
        try {
            model = OnnxModel.read(file);
        } catch (ModelFormatException e) {
            return "refused";
        }
        Path cache = Files.createTempDirectory(file.getParent(), "prepared");
        try {
            PreparedModel prepared = ModelPreparation.prepare(new ModelSource("mutant", file, dimensions(model)), Map.of(), cache);
            return runs ? run(prepared) : "prepared";
        } catch (ModelFormatException e) {
            return e.getCause() == null ? "refused" : "runtime";
        } catch (RuntimeException e) {
            return "exception " + e;
        } finally {
            delete(cache);
        }
    }

    private static String run(PreparedModel model) {
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = Map.of();
        try (OrtSession session = OrtSessions.open(environment, model.originalModel(),
                SessionSettings.of(1, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions()))) {
            inputs = SyntheticInputs.create(environment, types, 1);
            session.run(inputs).close();
            return "ran";
        } catch (OrtException e) {
            return "runtime";
        } catch (IllegalArgumentException e) {
            // Its inputs are more than this process may hold.
            return "refused";
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static Map<String, Long> dimensions(OnnxModel model) {
        Map<String, Long> values = new HashMap<>();
        for (ValueInfoProto input : model.inputs()) {
            int axis = 0;
            for (TensorShapeProto.Dimension dimension : input.getType().getTensorType().getShape().getDimList()) {
                values.put(dimension.getDimParam().isEmpty() ? input.getName() + "." + axis : dimension.getDimParam(), 2L);
                axis++;
            }
        }
        return values;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
