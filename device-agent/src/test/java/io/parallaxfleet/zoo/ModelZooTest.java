package io.parallaxfleet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelFormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelZooTest {
    @TempDir
    Path cache;

    private Path materialise(String name) {
        return new ModelZoo(cache).materialise(ZooModel.named(name).orElseThrow(), ModelZoo.Progress.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "squeezenet1_1, 699b6163f253d6d07cd880c7ced9eb50a8428c7d5d8469e5eef5e72d1c9b4fc0",
        "yolov8n, b8c1d94f6fe09286db0ee010ae7092ce3b854f6d528617b106c5a96ffbccfa03"
    })
    void drawsTheSameWeightsOnEveryMachine(String name, String sha256) throws Exception {
        Path weights = materialise(name).resolveSibling(name + ".weights");

        assertEquals(sha256, HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(weights))));
    }

    @Test
    void writesAModelOnce() throws IOException {
        Path first = materialise("synthetic_greedy_loop");
        Object before = Files.readAttributes(first, "fileKey,lastModifiedTime");

        assertEquals(before, Files.readAttributes(materialise("synthetic_greedy_loop"), "fileKey,lastModifiedTime"));
    }

    @Test
    void takesTrainedModelsFromTheirArtifacts() throws IOException {
        assertEquals(4745517, Files.size(materialise("ppocrv4-det")));
    }

    @Test
    void tellsProgressUpToTheWholeFile() {
        List<Long> told = new ArrayList<>();
        new ModelZoo(cache).materialise(ZooModel.named("squeezenet1_1").orElseThrow(), (model, bytes, total) -> {
            assertTrue(bytes <= total);
            told.add(bytes);
        });

        assertEquals(told.stream().sorted().toList(), told);
        assertTrue(told.size() > 2);
    }

    @Test
    void leavesNothingHalfMadeWhenWritingFails() throws IOException {
        assertThrows(IllegalStateException.class, () -> new ModelZoo(cache)
                .materialise(ZooModel.named("squeezenet1_1").orElseThrow(), (model, bytes, total) -> {
                    throw new IllegalStateException("killed");
                }));

        try (Stream<Path> left = Files.walk(cache)) {
            assertEquals(List.of(), left.filter(path -> path.toString().endsWith(".onnx")).toList());
        }
    }

    @Test
    void namesTheLineOfABrokenWeightList() {
        IOException refusal = assertThrows(IOException.class, () -> RandomWeights.parse(
                "list.tsv", new BufferedReader(new StringReader("# total 64\nw\t0\tmany\t0\t1\n"))));

        assertTrue(refusal.getMessage().startsWith("list.tsv line 2"), refusal.getMessage());
    }

    @Test
    void resolvesANameToItsFileAndUsualShapes() {
        ModelSource source = ModelCatalogue.resolve("all-minilm-l6-v2", cache);

        assertTrue(Files.isRegularFile(source.path()));
        assertEquals(Map.of("batch_size", 1L, "sequence_length", 128L), source.defaultDimensions());
    }

    @Test
    void resolvesTheUsersOwnFile() throws IOException {
        Path own = Files.createFile(cache.resolve("own.onnx"));

        assertEquals(new ModelSource("own", own, Map.of()), ModelCatalogue.resolve(own.toString(), cache));
    }

    @Test
    void listsTheKnownNamesForAnUnknownOne() {
        String refusal = assertThrows(ModelFormatException.class, () -> ModelCatalogue.resolve("yolo", cache)).getMessage();

        assertTrue(refusal.contains("'yolo'") && refusal.contains("yolov8n") && refusal.contains("ppocrv4-det"), refusal);
    }

    @Test
    void doesNotTakeAMissingFileForAName() {
        String refusal =
                assertThrows(ModelFormatException.class, () -> ModelCatalogue.resolve("models/absent.onnx", cache)).getMessage();

        assertTrue(refusal.contains("does not exist"), refusal);
    }
}
