package io.parallaxfleet.engine;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Models around an If on the input {@code flag}; every other input is {@code x}, 64 x 64 floats. */
final class ConditionalModels {
    static final int SIDE = 128;
    private static final String[] SHAPE = {Integer.toString(SIDE), Integer.toString(SIDE)};

    private final Random random;
    private int names;

    ConditionalModels(long seed) {
        this.random = new Random(seed);
    }

    OnnxFixture onFlagAndX() {
        return new OnnxFixture().input("flag", ElementType.BOOL.onnxCode()).input("x", SHAPE);
    }

    static AttributeProto thenBranch(OnnxFixture body) {
        return OnnxFixture.body("then_branch", body);
    }

    static AttributeProto elseBranch(OnnxFixture body) {
        return OnnxFixture.body("else_branch", body);
    }

    TensorProto weights(String name) {
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / (float) Math.sqrt(SIDE);
        }
        return OnnxFixture.floats(name, List.of((long) SIDE, (long) SIDE), values);
    }

    private String name(String prefix) {
        return prefix + names++;
    }

    /** A chain of heavy operators; answers the tensor at its end. */
    String chain(OnnxFixture graph, String from) {
        String tensor = from;
        for (int link = 0; link < 3; link++) {
            String weights = name("w");
            graph.initializer(weights(weights));
            String product = name("p");
            graph.node("MatMul", List.of(tensor, weights), List.of(product));
            tensor = name("t");
            graph.node(random.nextBoolean() ? "Tanh" : "Sigmoid", List.of(product), List.of(tensor));
        }
        return tensor;
    }

    /** Two chains that fork at a tensor and join in the result: worth running side by side. */
    void fork(OnnxFixture graph, String from, String result) {
        String left = chain(graph, from);
        String right = chain(graph, from);
        graph.node("Add", List.of(left, right), List.of(result));
    }

    /** A body whose result is a fork. */
    OnnxFixture forkedBody(String captured) {
        OnnxFixture body = new OnnxFixture();
        String result = name("r");
        fork(body, captured, result);
        return body.output(result);
    }

    /** A body that hands an outer tensor through; ONNX Runtime wants a node for that. */
    OnnxFixture handsThrough(String captured) {
        String result = name("r");
        return new OnnxFixture().node("Identity", List.of(captured), List.of(result)).output(result);
    }

    /** A body whose result is a constant of its own, without a node once ONNX Runtime has optimised it. */
    OnnxFixture constantBody() {
        String result = name("r");
        AttributeProto value = AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
                .setT(weights(name("c"))).build();
        return new OnnxFixture().node("Constant", List.of(), List.of(result), value).output(result);
    }

    /**
     * A random model: forks and Ifs in a row that read any tensors before them, Ifs with Ifs inside, conditions that are inputs or
     * computed.
     */
    OnnxFixture random() {
        OnnxFixture model = onFlagAndX().initializer(OnnxFixture.floats("half", List.of(), 0.5f));
        List<String> tensors = new ArrayList<>(List.of("x"));
        int parts = 2 + random.nextInt(3);
        for (int part = 0; part < parts; part++) {
            String result = name("y");
            if (random.nextInt(3) == 0) {
                fork(model, pick(tensors), result);
            } else {
                model.node("If", List.of(condition(model, tensors)), List.of(result), thenBranch(randomBody(tensors, 2)),
                        elseBranch(randomBody(tensors, 2)));
            }
            tensors.add(result);
        }
        String sum = tensors.get(tensors.size() - 1);
        // Something beside the last If that does not depend on it, and an operator that does.
        String beside = chain(model, pick(tensors.subList(0, tensors.size() - 1)));
        model.node("Sub", List.of(sum, beside), List.of("out")).output("out").output(beside);
        return model;
    }

    private String pick(List<String> tensors) {
        return tensors.get(random.nextInt(tensors.size()));
    }

    private String condition(OnnxFixture model, List<String> tensors) {
        if (random.nextBoolean()) {
            return "flag";
        }
        String mean = name("m");
        String decided = name("d");
        AttributeProto flat = AttributeProto.newBuilder().setName("keepdims").setType(AttributeProto.AttributeType.INT).setI(0).build();
        model.node("ReduceMean", List.of(pick(tensors)), List.of(mean), flat).node("Less", List.of(mean, "half"), List.of(decided));
        return decided;
    }

    private OnnxFixture randomBody(List<String> outer, int depth) {
        return switch (random.nextInt(depth > 0 ? 5 : 4)) {
            case 0 -> handsThrough(pick(outer));
            case 1 -> constantBody();
            case 2, 3 -> forkedBody(pick(outer));
            default -> {
                OnnxFixture body = new OnnxFixture();
                String before = chain(body, pick(outer));
                List<String> seen = new ArrayList<>(outer);
                seen.add(before);
                String result = name("r");
                body.node("If", List.of("flag"), List.of(result), thenBranch(randomBody(seen, depth - 1)),
                        elseBranch(randomBody(seen, depth - 1)));
                yield body.output(result);
            }
        };
    }

    static long[] shape() {
        return LongStream.of(SIDE, SIDE).toArray();
    }
}
