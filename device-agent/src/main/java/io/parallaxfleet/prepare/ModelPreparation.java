package io.parallaxfleet.prepare;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.cache.CachedDirectory;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ExternalData;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import io.parallaxfleet.host.FileFailure;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns a model file into a {@link PreparedModel}: checks it, lets ONNX Runtime optimise it for the bound shapes and type every
 * tensor. The result is kept on disk; the second time only the file is read.
 */
public final class ModelPreparation {
    private static final int HASH_BUFFER_BYTES = 1 << 18;
    /** Raised whenever what is written changes, so that results of earlier builds are made again. */
    private static final String REVISION = "2";

    private ModelPreparation() {}

    /**
     * Prepares a model for given input shapes. Thread-safe, also between processes: one works, the others wait.
     *
     * @param dimensions values of symbolic dimensions; they win over the source's own. A dimension without a name is called
     *     {@code INPUT.AXIS}
     * @param cacheDirectory results lie in {@code <model hash>/<shapes hash>/<ONNX Runtime version>-<revision>/}
     * @throws ModelFormatException when the model cannot be run; one line that names the file and what to do
     * @throws java.io.UncheckedIOException when the cache cannot be written
     */
    public static PreparedModel prepare(ModelSource source, Map<String, Long> dimensions, Path cacheDirectory) {
        OnnxModel original = OnnxModel.read(source.path());
        checkTypes(original);
        InputShapes shapes = InputShapes.bind(original, source.defaultDimensions(), dimensions);
        // Looks for the files beside the model before ONNX Runtime does: its message names no remedy.
        original.constants();
        String modelHash = hash(source.path());
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Path folder = cacheDirectory
                .toAbsolutePath()
                .normalize()
                .resolve(modelHash)
                .resolve(shortHash(shapes.key() + weightsBeside(original)))
                .resolve(environment.getVersion() + "-" + REVISION);
        CachedDirectory.make(folder, making -> new GraphOptimizer(environment, original, shapes).write(making));
        return OptimizedModel.open(source.name(), modelHash, source.path(), shapes, folder);
    }

    /**
     * Types of a model's inputs once its dimensions are bound, by name; opens no session.
     *
     * @throws ModelFormatException as {@link #prepare} does for inputs
     */
    public static Map<String, TensorType> inputTypes(ModelSource source, Map<String, Long> dimensions) {
        return InputShapes.bind(OnnxModel.read(source.path()), source.defaultDimensions(), dimensions).types();
    }

    private static void checkTypes(OnnxModel model) {
        for (TensorProto tensor : model.initializers().values()) {
            if (ElementType.ofOnnxCode(tensor.getDataType()).isEmpty()) {
                throw cannotRun(model, "initialiser", tensor.getName(), TensorTypes.name(tensor.getDataType()));
            }
        }
        for (ValueInfoProto output : model.outputs()) {
            if (output.hasType() && !output.getType().hasTensorType()) {
                throw cannotRun(model, "output", output.getName(), "no dense tensor");
            }
            int code = output.getType().getTensorType().getElemType();
            if (output.hasType() && ElementType.ofOnnxCode(code).isEmpty()) {
                throw cannotRun(model, "output", output.getName(), TensorTypes.name(code));
            }
        }
    }

    private static ModelFormatException cannotRun(OnnxModel model, String what, String tensor, String type) {
        return new ModelFormatException("'" + model.path() + "': the " + what + " '" + tensor + "' is of type " + type
                + ", which cannot be run; export the model with float, float16, integer or bool tensors");
    }

    /** Size and time of every weights file: they may change while the .onnx file stays. */
    private static String weightsBeside(OnnxModel model) {
        Set<Path> files = new TreeSet<>();
        for (TensorProto tensor : model.initializers().values()) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                files.add(ExternalData.of(model.path(), tensor).file());
            }
        }
        StringBuilder stamp = new StringBuilder();
        for (Path file : files) {
            try {
                stamp.append('\n').append(file.getFileName()).append(' ').append(Files.size(file)).append(' ')
                        .append(Files.getLastModifiedTime(file).toMillis());
            } catch (IOException e) {
                throw new ModelFormatException("'" + file + "' cannot be read (" + FileFailure.reason(e) + "); put it beside the model", e);
            }
        }
        return stamp.toString();
    }

    /** SHA-256 of a file, hexadecimal. */
    static String hash(Path file) {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[HASH_BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new ModelFormatException("'" + file + "' cannot be read (" + FileFailure.reason(e) + ")", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** First 16 hexadecimal digits of the SHA-256 of a text. */
    static String shortHash(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
