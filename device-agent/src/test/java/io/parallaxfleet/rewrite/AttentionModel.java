package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import java.util.ArrayList;
import java.util.List;

/** Attention spelt out as exporters do, operator by operator; what is to be different is set before it is built. */
final class AttentionModel {
    private final long batch;
    private final long heads;
    private final long queries;
    private final long keys;
    private final long headSize;
    private final long valueSize;

    private List<Long> merge = List.of(0L, 2L, 1L, 3L);
    private long axis = -1;
    private boolean scalesQueries;
    private boolean scalesByInput;
    private boolean masks;
    private boolean showsScores;
    private boolean showsCache;

    AttentionModel(long batch, long heads, long queries, long keys, long headSize, long valueSize) {
        this.batch = batch;
        this.heads = heads;
        this.queries = queries;
        this.keys = keys;
        this.headSize = headSize;
        this.valueSize = valueSize;
    }

    AttentionModel mergingBy(Long... axes) {
        merge = List.of(axes);
        return this;
    }

    AttentionModel overAxis(long softmaxAxis) {
        axis = softmaxAxis;
        return this;
    }

    AttentionModel scalingQueries() {
        scalesQueries = true;
        return this;
    }

    AttentionModel scalingByAnInput() {
        scalesByInput = true;
        return this;
    }

    AttentionModel masked() {
        masks = true;
        return this;
    }

    AttentionModel showingScores() {
        showsScores = true;
        return this;
    }

    /** With keys and values among the outputs, as a decoder gives them for its cache. */
    AttentionModel showingCache() {
        showsCache = true;
        return this;
    }

    OnnxFixture build() {
        OnnxFixture model = new OnnxFixture()
                .input("q", text(batch), text(queries), text(heads * headSize))
                .input("k", text(batch), text(keys), text(heads * headSize))
                .input("v", text(batch), text(keys), text(heads * valueSize))
                .initializer(OnnxFixture.floats("scale", List.of(), 0.25f))
                .initializer(RewriteFixture.integers("queryHeads", batch, queries, heads, headSize))
                .initializer(RewriteFixture.integers("keyHeads", batch, keys, heads, headSize))
                .initializer(RewriteFixture.integers("valueHeads", batch, keys, heads, valueSize));
        String query = "q";
        if (scalesQueries) {
            model.node("Mul", List.of("q", "scale"), List.of("scaledQ"));
            query = "scaledQ";
        }
        model.node("Reshape", List.of(query, "queryHeads"), List.of("q4"))
                .node("Reshape", List.of("k", "keyHeads"), List.of("k4"))
                .node("Reshape", List.of("v", "valueHeads"), List.of("v4"))
                .node("Transpose", List.of("q4"), List.of("qApart"), perm(0, 2, 1, 3))
                .node("Transpose", List.of("k4"), List.of("kApart"), perm(0, 2, 3, 1))
                .node("Transpose", List.of("v4"), List.of("vApart"), perm(0, 2, 1, 3))
                .node("MatMul", List.of("qApart", "kApart"), List.of("scores"));
        String last = "scores";
        if (!scalesQueries) {
            if (scalesByInput) {
                model.input("factor", "1");
            }
            model.node("Mul", List.of("scores", scalesByInput ? "factor" : "scale"), List.of("scaled"));
            last = "scaled";
        }
        if (masks) {
            model.initializer(RewriteFixture.weights("mask", 5, queries, keys)).node("Add", List.of(last, "mask"), List.of("biased"));
            last = "biased";
        }
        model.node("Softmax", List.of(last), List.of("shares"), RewriteFixture.integer("axis", axis))
                .node("MatMul", List.of("shares", "vApart"), List.of("attended"))
                .node("Transpose", List.of("attended"), List.of("merged"), RewriteFixture.integers("perm", merge))
                .initializer(RewriteFixture.integers("rows", batch, -1))
                .node("Reshape", List.of("merged", "rows"), List.of("out"))
                .output("out");
        if (showsScores) {
            model.output("scores");
        }
        if (showsCache) {
            model.node("Transpose", List.of("k4"), List.of("keyCache"), perm(0, 2, 1, 3)).output("keyCache").output("vApart");
        }
        return model;
    }

    private static AttributeProto perm(long... axes) {
        List<Long> values = new ArrayList<>();
        for (long axis : axes) {
            values.add(axis);
        }
        return RewriteFixture.integers("perm", values);
    }

    private static String text(long dimension) {
        return Long.toString(dimension);
    }
}
