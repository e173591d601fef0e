package io.parallaxfleet.zoo;

import io.parallaxfleet.cache.CachedDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Puts the zoo's models on disk, where ONNX Runtime can open them. A model that is there already is not written again; a new
 * version of a model gets a folder of its own. Thread-safe, also between processes.
 */
public final class ModelZoo {
    /** Told how far a model is; called from the thread that materialises it. */
    @FunctionalInterface
    public interface Progress {
        Progress NONE = (model, bytes, total) -> {};

        /** @param total bytes of the weights file, or of the model file where it holds its weights itself */
        void written(ZooModel model, long bytes, long total);
    }

    private final Path cache;

    /** @param cache folder for the models; made when needed */
    public ModelZoo(Path cache) {
        this.cache = cache;
    }

    /** The .onnx file of a model, written with its weights beside it if it is not there yet. */
    public Path materialise(ZooModel model, Progress progress) {
        Path folder = cache.resolve(model.name()).resolve(version(model));
        CachedDirectory.make(folder, making -> write(model, making, progress));
        return folder.resolve(model.name() + ".onnx");
    }

    private static void write(ZooModel model, Path folder, Progress progress) throws IOException {
        Path onnx = folder.resolve(model.name() + ".onnx");
        try (InputStream in = open(model.resource())) {
            Files.copy(in, onnx);
        }
        Optional<String> weights = model.weights();
        if (weights.isEmpty()) {
            progress.written(model, Files.size(onnx), Files.size(onnx));
            return;
        }
        RandomWeights random;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(open(weights.get()), StandardCharsets.UTF_8))) {
            random = RandomWeights.parse(weights.get(), lines);
        }
        try (FileChannel out = FileChannel.open(
                folder.resolve(model.name() + ".weights"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            random.write(out, bytes -> progress.written(model, bytes, random.totalBytes()));
        }
    }

    /** Digest of the resources: what the folder holds is what they say. */
    private static String version(ZooModel model) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            // The trained models are large and come from released artifacts: their length tells versions apart.
            if (model.weights().isEmpty()) {
                digest.update((model.resource() + length(model.resource())).getBytes(StandardCharsets.UTF_8));
            } else {
                digest(digest, model.resource());
                digest(digest, model.weights().get());
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static void digest(MessageDigest digest, String resource) throws IOException {
        try (InputStream in = new DigestInputStream(open(resource), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static long length(String resource) throws IOException {
        URL url = ModelZoo.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw missing(resource);
        }
        return url.openConnection().getContentLengthLong();
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = ModelZoo.class.getClassLoader().getResourceAsStream(resource);
        if (in == null) {
            throw missing(resource);
        }
        return in;
    }

    private static IOException missing(String resource) {
        return new IOException("'" + resource + "' is not on the class path; start through the launcher or add the model's artifact");
    }
}
