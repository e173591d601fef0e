package io.parallaxfleet.check.fuzz;

import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prepares the models whose paths arrive on standard input, as the agent would, and answers each with one word: {@code refused}
 * by our own checks, {@code runtime} when ONNX Runtime refuses, {@code prepared}. It is a process of its own, because a model may
 * end it.
 */
public final class NativeFuzzWorker {
    private NativeFuzzWorker() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            System.out.println("answer " + answer(Path.of(path)));
            System.out.flush();
        }
    }

    static String answer(Path file) throws IOException {
        OnnxModel model;
        try {
            model = OnnxModel.read(file);
        } catch (ModelFormatException e) {
            return "refused";
        }
        Path cache = Files.createTempDirectory(file.getParent(), "prepared");
        try {
            PreparedModel prepared = ModelPreparation.prepare(new ModelSource("mutant", file, dimensions(model)), Map.of(), cache);
            return prepared.graph().size() >= 0 ? "prepared" : "";
        } catch (ModelFormatException e) {
            return e.getCause() == null ? "refused" : "runtime";
        } catch (RuntimeException e) {
            return "exception " + e;
        } finally {
            delete(cache);
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
