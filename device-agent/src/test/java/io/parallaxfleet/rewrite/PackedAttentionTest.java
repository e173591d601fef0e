package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedAttentionTest {
    private static final Rewrite RULE = new PackedAttention();

    @TempDir
    Path folder;

    private PreparedModel prepare(SelfAttentionModel model) {
        return RewriteFixture.prepare(model.build(), folder);
    }

    private void assertPacked(SelfAttentionModel model) {
        PreparedModel prepared = prepare(model);
        assertEquals(1, RewriteFixture.places(prepared, RULE));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(prepared));
    }

    private static SelfAttentionModel small() {
        return new SelfAttentionModel(1, 20, 24, 4, 8);
    }

    @ParameterizedTest(name = "{0} batches, {1} rows of {2}, {3} heads of {4}")
    @CsvSource({"1,16,32,4,8", "2,17,24,3,16", "1,77,64,1,4", "3,40,512,2,10"})
    @DisplayName("masked self-attention of any sizes becomes one operator")
    void sizes(long batch, long rows, long inputs, long heads, long headSize) {
        assertPacked(new SelfAttentionModel(batch, rows, inputs, heads, headSize));
    }

    @Test
    void aMaskOfKeysIsRepeatedForEveryQuery() {
        assertPacked(small().maskOf(1L, 1L, 1L, 20L));
    }

    @Test
    void aMaskOfFewerAxesIsBroadcast() {
        assertPacked(small().maskOf(20L, 20L));
    }

    @Test
    void aMaskOfEachHead() {
        assertPacked(new SelfAttentionModel(2, 20, 24, 4, 8).maskOf(1L, 4L, 20L, 20L));
    }

    @Test
    void aMaskOfEachBatch() {
        assertPacked(new SelfAttentionModel(2, 20, 24, 4, 8).maskOf(2L, 1L, 1L, 20L));
    }

    @Test
    void theOrderOfTheAdditionDoesNotMatter() {
        assertPacked(small().maskOnTheLeft());
    }

    @Test
    void aFactorOnTheQueriesBecomesOneOnTheScores() {
        assertPacked(small().scalingQueries());
    }

    @Test
    void projectionsWithoutABias() {
        assertPacked(small().withoutBiases());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("outputs agree whatever the sizes, the mask and the factor")
    void anyModel(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long batch = random.nextLong(1, 4);
        long rows = random.nextLong(16, 60);
        long heads = random.nextLong(1, 7);
        SelfAttentionModel model = new SelfAttentionModel(batch, rows, random.nextLong(8, 200), heads, random.nextLong(1, 40))
                .maskOf(random.nextBoolean() ? batch : 1, random.nextBoolean() ? heads : 1, random.nextBoolean() ? rows : 1, rows);
        assertPacked(random.nextBoolean() ? model.scalingQueries() : model);
    }

    @Nested
    class LeavesAlone {
        private void assertLeft(SelfAttentionModel model) {
            assertEquals(0, RewriteFixture.places(prepare(model), RULE));
        }

        @Test
        void attentionWithoutAMask() {
            assertLeft(small().withoutMask());
        }

        @Test
        void attentionToOtherRows() {
            assertLeft(small().withValuesOfOtherRows());
        }

        @Test
        void keysThatOthersRead() {
            assertLeft(small().showingKeys());
        }

        @Test
        void valuesThatADecoderKeeps() {
            assertLeft(small().showingValueHeads());
        }

        @Test
        void aFactorOnTheValues() {
            assertLeft(small().scalingValues());
        }

        @Test
        void fewRows() {
            assertLeft(new SelfAttentionModel(1, 15, 24, 4, 8));
        }

        @Test
        void longRows() {
            assertLeft(new SelfAttentionModel(1, 20, 520, 4, 8));
        }
    }
}
