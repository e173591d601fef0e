package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZooConvolutionsTest {
    @TempDir
    static Path cache;

    @ParameterizedTest(name = "{0}: {1} hard swishes, {2} pairs, {3} constants, {4} softmaxes, {5} rows")
    @CsvSource({
        "mobilenet_v2, 0, 0, 0, 0, 1",
        "mobilenet_v3_small, 0, 0, 0, 0, 2",
        "efficientnet_b0, 0, 0, 0, 0, 1",
        "synthetic_early_exit_if, 0, 0, 0, 0, 1",
        "yolov8n, 0, 0, 0, 1, 0",
        "ppocrv4-det, 24, 1, 89, 0, 0"
    })
    @DisplayName("what is found in a convolutional network, and that its outputs agree")
    void finds(String name, int hardSwishes, int pairs, int constants, int softmaxes, int rows) {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.resolve("zoo")), Map.of(), cache.resolve("prepared"));

        assertEquals(hardSwishes, RewriteFixture.places(model, new HardSwish()));
        assertEquals(pairs, RewriteFixture.places(model, new TransposedConvolutions()));
        assertEquals(constants, RewriteFixture.places(model, new ConstantsIntoConvolution()));
        assertEquals(softmaxes, RewriteFixture.places(model, new SoftmaxAcross()));
        assertEquals(rows, RewriteFixture.places(model, new RowProduct()));
        assertInstanceOf(RewriteCheck.Verdict.Same.class,
                RewriteCheck.verdict(RewrittenModel.of(model).orElseThrow(), OrtEnvironment.getEnvironment(), 1));
    }
}
