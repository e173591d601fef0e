package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZooRewritesTest {
    @TempDir
    static Path cache;

    @ParameterizedTest(name = "{0}: {1} normalisations, {2} attentions, {3} copies of nothing, {4} expansions, {5} products")
    @CsvSource({
        "whisper_tiny_encoder, 8, 4, 0, 0, 24",
        "whisper_tiny_decoder, 12, 0, 0, 0, 17",
        "whisper_tiny_decoder_with_past, 12, 0, 0, 0, 9",
        "whisper_tiny_decoder_merged, 24, 0, 0, 0, 26",
        "swinv2_tiny_256, 28, 0, 27, 24, 51"
    })
    @DisplayName("what is found in a model, and that its outputs agree")
    void finds(String name, int normalizations, int attentions, int copies, int expansions, int products) {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.resolve("zoo")), Map.of(), cache.resolve("prepared"));

        assertEquals(normalizations, RewriteFixture.places(model, new SkipNormalization()));
        assertEquals(attentions, RewriteFixture.places(model, new AttentionFusion()));
        assertEquals(copies, RewriteFixture.places(model, new NoOperation()));
        assertEquals(expansions, RewriteFixture.places(model, new ExpandInBroadcast()));
        OptionalInt block = ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment());
        assertEquals(block.isPresent() ? products : 0, RewriteFixture.places(model, new RowsAsPixels(block)));
        Optional<RewrittenModel> rewritten = RewrittenModel.of(model);
        rewritten.ifPresent(found -> assertInstanceOf(
                RewriteCheck.Verdict.Same.class, RewriteCheck.verdict(found, OrtEnvironment.getEnvironment(), 1)));
    }
}
