package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionFusionTest {
    private static final Rewrite RULE = new AttentionFusion();

    @TempDir
    Path folder;

    private PreparedModel prepare(AttentionModel model) {
        return RewriteFixture.prepare(model.build(), folder);
    }

    private void assertFused(AttentionModel model) {
        PreparedModel prepared = prepare(model);
        assertEquals(1, RewriteFixture.places(prepared, RULE));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(prepared));
    }

    private static AttentionModel small() {
        return new AttentionModel(1, 4, 6, 6, 8, 8);
    }

    @ParameterizedTest(name = "{0} batches, {1} heads, {2} queries, {3} keys, sizes {4} and {5}")
    @CsvSource({"1,4,6,6,8,8", "2,3,5,5,16,16", "1,2,3,40,8,8", "3,1,300,70,4,4", "1,6,2,9,8,24"})
    @DisplayName("attention of any sizes becomes one operator")
    void sizes(long batch, long heads, long queries, long keys, long headSize, long valueSize) {
        assertFused(new AttentionModel(batch, heads, queries, keys, headSize, valueSize));
    }

    @Test
    void aFactorOnTheQueriesBecomesOneOnTheScores() {
        assertFused(small().scalingQueries());
    }

    @Nested
    class LeavesAlone {
        private void assertLeft(AttentionModel model) {
            assertEquals(0, RewriteFixture.places(prepare(model), RULE));
        }

        @Test
        void attentionWithAMask() {
            assertLeft(small().masked());
        }

        @Test
        void scoresThatOthersRead() {
            assertLeft(small().showingScores());
        }

        @Test
        void aFactorThatIsNoConstant() {
            assertLeft(small().scalingByAnInput());
        }

        @Test
        void aSoftmaxOverTheQueries() {
            assertLeft(small().overAxis(2));
        }

        @Test
        void headsThatAreNotBroughtTogether() {
            assertLeft(small().mergingBy(1L, 0L, 2L, 3L));
        }

        @Test
        void keysAndValuesThatLeaveTheModel() {
            assertLeft(new AttentionModel(1, 4, 5, 30, 8, 8).showingCache());
        }

        @Test
        void aSingleQuery() {
            assertLeft(new AttentionModel(1, 4, 1, 20, 8, 8));
        }
    }
}
