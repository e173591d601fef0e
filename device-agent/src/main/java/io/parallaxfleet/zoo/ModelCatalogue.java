package io.parallaxfleet.zoo;

import io.parallaxfleet.graph.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds a model by catalogue name or path. */
public final class ModelCatalogue {
    private ModelCatalogue() {}

    /** As {@link #resolve(String, Path, ModelZoo.Progress)}, silently. */
    public static ModelSource resolve(String nameOrPath, Path cache) {
        return resolve(nameOrPath, cache, ModelZoo.Progress.NONE);
    }

    /**
     * A model of the zoo by name, materialised if need be, or the user's own .onnx file by path.
     *
     * @param cache the zoo's folder; see {@link io.parallaxfleet.cache.ModelCache#zoo()}
     * @throws ModelFormatException when it is neither; names what is known
     */
    public static ModelSource resolve(String nameOrPath, Path cache, ModelZoo.Progress progress) {
        Optional<ZooModel> known = ZooModel.named(nameOrPath);
        if (known.isPresent()) {
            return new ModelSource(
                    nameOrPath, new ModelZoo(cache).materialise(known.get(), progress), known.get().defaultDimensions());
        }
        Path path = Path.of(nameOrPath);
        if (!Files.exists(path) && !looksLikeFile(nameOrPath)) {
            throw new ModelFormatException("'" + nameOrPath + "' is neither a file nor a model of the zoo; the zoo has "
                    + ZooModel.ALL.stream().map(ZooModel::name).collect(Collectors.joining(", ")));
        }
        if (!Files.exists(path)) {
            throw new ModelFormatException("'" + nameOrPath + "' does not exist; give the path of an .onnx file or a model of the zoo");
        }
        String file = path.getFileName().toString();
        String name = file.toLowerCase(Locale.ROOT).endsWith(".onnx") ? file.substring(0, file.length() - 5) : file;
        return new ModelSource(name, path.toAbsolutePath().normalize(), Map.of());
    }

    private static boolean looksLikeFile(String text) {
        return text.contains("/") || text.contains("\\") || text.toLowerCase(Locale.ROOT).endsWith(".onnx");
    }
}
