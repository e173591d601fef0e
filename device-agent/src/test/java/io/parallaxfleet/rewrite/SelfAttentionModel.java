package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.OnnxFixture;
import java.util.List;

/** Masked self-attention with its projections, spelt out as exporters do; what is to be different is set before it is built. */
final class SelfAttentionModel {
    private final long batch;
    private final long rows;
    private final long inputs;
    private final long heads;
    private final long headSize;

    private Long[] mask;
    private boolean maskFirst;
    private boolean scalesQueries;
    private boolean scalesValues;
    private boolean biased = true;
    private boolean valuesOfOtherRows;
    private boolean showsKeys;
    private boolean showsValueHeads;

    SelfAttentionModel(long batch, long rows, long inputs, long heads, long headSize) {
        this.batch = batch;
        this.rows = rows;
        this.inputs = inputs;
        this.heads = heads;
        this.headSize = headSize;
        this.mask = new Long[] {1L, 1L, rows, rows};
    }

    SelfAttentionModel maskOf(Long... dimensions) {
        mask = dimensions;
        return this;
    }

    SelfAttentionModel withoutMask() {
        mask = new Long[0];
        return this;
    }

    SelfAttentionModel maskOnTheLeft() {
        maskFirst = true;
        return this;
    }

    SelfAttentionModel scalingQueries() {
        scalesQueries = true;
        return this;
    }

    SelfAttentionModel scalingValues() {
        scalesValues = true;
        return this;
    }

    SelfAttentionModel withoutBiases() {
        biased = false;
        return this;
    }

    /** As between a decoder and an encoder. */
    SelfAttentionModel withValuesOfOtherRows() {
        valuesOfOtherRows = true;
        return this;
    }

    SelfAttentionModel showingKeys() {
        showsKeys = true;
        return this;
    }

    /** With values among the outputs, as a decoder gives them for its cache. */
    SelfAttentionModel showingValueHeads() {
        showsValueHeads = true;
        return this;
    }

    OnnxFixture build() {
        OnnxFixture model = new OnnxFixture()
                .input("x", text(batch), text(rows), text(inputs))
                .initializer(OnnxFixture.floats("factor", List.of(), 0.25f))
                .initializer(RewriteFixture.integers("apart", batch, rows, heads, headSize))
                .initializer(RewriteFixture.integers("together", batch, rows, heads * headSize));
        if (valuesOfOtherRows) {
            model.input("y", text(batch), text(rows), text(inputs));
        }
        String queries = projected(model, "q", "x", 1);
        String keys = projected(model, "k", "x", 2);
        String values = projected(model, "v", valuesOfOtherRows ? "y" : "x", 3);
        if (scalesQueries) {
            model.node("Mul", List.of(queries, "factor"), List.of("scaledQ"));
            queries = "scaledQ";
        }
        if (scalesValues) {
            model.node("Mul", List.of(values, "factor"), List.of("scaledV"));
            values = "scaledV";
        }
        apart(model, queries, "qApart", 0, 2, 1, 3);
        apart(model, keys, "kApart", 0, 2, 3, 1);
        apart(model, values, "vApart", 0, 2, 1, 3);
        model.node("MatMul", List.of("qApart", "kApart"), List.of("scores"))
                .node("Mul", List.of("scores", "factor"), List.of("scaled"));
        String last = "scaled";
        if (mask.length > 0) {
            model.initializer(RewriteFixture.scaledWeights("mask", 5, 5, mask))
                    .node("Add", maskFirst ? List.of("mask", last) : List.of(last, "mask"), List.of("masked"));
            last = "masked";
        }
        model.node("Softmax", List.of(last), List.of("shares"), RewriteFixture.integer("axis", -1))
                .node("MatMul", List.of("shares", "vApart"), List.of("attended"))
                .node("Transpose", List.of("attended"), List.of("merged"), RewriteFixture.integers("perm", List.of(0L, 2L, 1L, 3L)))
                .node("Reshape", List.of("merged", "together"), List.of("out"))
                .output("out");
        if (showsKeys) {
            model.output(keys);
        }
        if (showsValueHeads) {
            model.output("vApart");
        }
        return model;
    }

    private String projected(OnnxFixture model, String name, String source, long seed) {
        // Of this deviation products are about as large as the rows.
        float deviation = (float) (1 / Math.sqrt(inputs));
        model.initializer(RewriteFixture.scaledWeights(name + "Weights", deviation, seed, inputs, heads * headSize))
                .node("MatMul", List.of(source, name + "Weights"), List.of(name + "Rows"));
        if (!biased) {
            return name + "Rows";
        }
        model.initializer(RewriteFixture.weights(name + "Bias", 10 + seed, heads * headSize))
                .node("Add", List.of(name + "Rows", name + "Bias"), List.of(name + "Biased"));
        return name + "Biased";
    }

    private static void apart(OnnxFixture model, String rows, String name, long... axes) {
        model.node("Reshape", List.of(rows, "apart"), List.of(name + "4"))
                .node("Transpose", List.of(name + "4"), List.of(name),
                        RewriteFixture.integers("perm", List.of(axes[0], axes[1], axes[2], axes[3])));
    }

    private static String text(long dimension) {
        return Long.toString(dimension);
    }
}
