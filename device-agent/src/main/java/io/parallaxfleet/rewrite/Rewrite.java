package io.parallaxfleet.rewrite;

import java.util.List;
import java.util.OptionalInt;

/**
 * One way to say the same in operators that ONNX Runtime runs faster on the CPU, and that its own optimiser does not reach. Stateless
 * and thread-safe. What a rule replaces computes the same function in real numbers; in floats the order of additions may differ,
 * which is why a {@link RewriteCheck} looks at the outputs before anything rewritten is used.
 */
public sealed interface Rewrite permits AttentionFusion, BlockedLayout, ConstantsIntoConvolution, ExpandInBroadcast, HardSwish, NoOperation,
        PackedAttention, RowProduct, RowsAsPixels, SkipNormalization, SoftmaxAcross, TransposedConvolutions {
    /** Stable: in reports and tests. */
    String name();

    /**
     * Rewrites every place of the graph that matches and leaves all others alone.
     *
     * @return the name of one operator of each place, in the graph's order
     */
    List<String> rewrite(GraphEditor graph);

    /**
     * Every rule, in the order in which they are applied: what one leaves may be what the next looks for.
     *
     * @param block as in {@link BlockedLayout}
     */
    static List<Rewrite> all(OptionalInt block) {
        return List.of(new NoOperation(), new ExpandInBroadcast(), new AttentionFusion(), new PackedAttention(), new SkipNormalization(), new HardSwish(),
                new TransposedConvolutions(), new ConstantsIntoConvolution(), new SoftmaxAcross(), new RowProduct(), new RowsAsPixels(block),
                new BlockedLayout(block));
    }
}
