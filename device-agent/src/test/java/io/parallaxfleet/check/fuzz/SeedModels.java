package io.parallaxfleet.check.fuzz;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What mutants are made of: small models of many operators, and skeletons of real ones. */
final class SeedModels {
    private static final int INT64 = ElementType.INT64.onnxCode();
    private static final int BOOL = ElementType.BOOL.onnxCode();

    private SeedModels() {}

    /** Small models that hold their weights. */
    static List<byte[]> small() {
        List<byte[]> models = new ArrayList<>();
        for (OnnxFixture model : List.of(convolutions(), products(), shapes(), branches(), loop(), scan(), integers(), quantised(), recurrent())) {
            models.add(model.model().toByteArray());
        }
        return models;
    }

    /** Skeletons of the zoo; their weights files are made in the folder, sparse and all zeros. */
    static List<byte[]> skeletons(Path folder, String... names) {
        List<byte[]> models = new ArrayList<>();
        for (String name : names) {
            try (InputStream model = resource(name + ".onnx"); InputStream weights = resource(name + ".weights.tsv");
                    RandomAccessFile file = new RandomAccessFile(folder.resolve(name + ".weights").toFile(), "rw")) {
                models.add(model.readAllBytes());
                String total = new String(weights.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).lines()
                        .filter(line -> line.startsWith("# total ")).findFirst().orElseThrow();
                file.setLength(Long.parseLong(total.substring("# total ".length()).trim()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return models;
    }

    private static InputStream resource(String name) {
        return SeedModels.class.getClassLoader().getResourceAsStream("zoo/" + name);
    }

    private static AttributeProto ints(String name, long... values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(values).boxed().toList()).build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    private static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value).build();
    }

    private static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)).build();
    }

    private static AttributeProto tensor(String name, TensorProto value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.TENSOR).setT(value).build();
    }

    private static TensorProto weights(String name, long... dimensions) {
        int count = (int) Arrays.stream(dimensions).reduce(1, (a, b) -> a * b);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i % 7 - 3) / 4f;
        }
        return OnnxFixture.floats(name, Arrays.stream(dimensions).boxed().toList(), values);
    }

    private static TensorProto longs(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(raw::putLong);
        return TensorProto.newBuilder().setName(name).setDataType(INT64).addDims(values.length)
                .setRawData(ByteString.copyFrom(raw.flip())).build();
    }

    private static TensorProto bytes(String name, ElementType type, int count, long... dimensions) {
        return TensorProto.newBuilder().setName(name).setDataType(type.onnxCode())
                .addAllDims(Arrays.stream(dimensions).boxed().toList()).setRawData(ByteString.copyFrom(new byte[count])).build();
    }

    private static OnnxFixture convolutions() {
        return new OnnxFixture().input("x", "1", "3", "16", "16").initializer(weights("w1", 4, 3, 3, 3)).initializer(weights("b1", 4))
                .initializer(weights("w2", 4, 1, 3, 3)).initializer(weights("w3", 4, 2, 2, 2)).initializer(weights("s", 4))
                .node("Conv", List.of("x", "w1", "b1"), List.of("a"), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1), ints("kernel_shape", 3, 3))
                .node("Relu", List.of("a"), List.of("b"))
                .node("Conv", List.of("b", "w2"), List.of("c"), integer("group", 4), ints("dilations", 1, 1), ints("pads", 1, 1, 1, 1))
                .node("BatchNormalization", List.of("c", "s", "b1", "s", "s"), List.of("d"), real("epsilon", 1e-5f))
                .node("MaxPool", List.of("d"), List.of("e"), ints("kernel_shape", 2, 2), ints("strides", 1, 1), integer("ceil_mode", 1))
                .node("AveragePool", List.of("d"), List.of("f"), ints("kernel_shape", 2, 2), integer("count_include_pad", 1))
                .node("Concat", List.of("e", "f"), List.of("g"), integer("axis", 3))
                .node("ConvTranspose", List.of("g", "w3"), List.of("h"), ints("strides", 2, 2), ints("output_padding", 1, 1))
                .node("GlobalAveragePool", List.of("h"), List.of("i")).node("LRN", List.of("d"), List.of("l"), integer("size", 3))
                .node("InstanceNormalization", List.of("l", "s", "b1"), List.of("m"))
                .node("DepthToSpace", List.of("m"), List.of("n"), integer("blocksize", 2)).output("i").output("n");
    }

    private static OnnxFixture products() {
        return new OnnxFixture().input("x", "batch", "8", "16").initializer(weights("q", 16, 16)).initializer(weights("k", 16, 16))
                .initializer(weights("g", 16)).initializer(longs("split", 8, 8)).initializer(longs("heads", 0, 0, 2, 8))
                .initializer(weights("scale", 1))
                .node("MatMul", List.of("x", "q"), List.of("a")).node("MatMul", List.of("x", "k"), List.of("b"))
                .node("Reshape", List.of("a", "heads"), List.of("ah")).node("Reshape", List.of("b", "heads"), List.of("bh"))
                .node("Transpose", List.of("ah"), List.of("at"), ints("perm", 0, 2, 1, 3))
                .node("Transpose", List.of("bh"), List.of("bt"), ints("perm", 0, 2, 3, 1))
                .node("MatMul", List.of("at", "bt"), List.of("s")).node("Div", List.of("s", "scale"), List.of("d"))
                .node("Softmax", List.of("d"), List.of("p"), integer("axis", -1)).node("MatMul", List.of("p", "at"), List.of("o"))
                .node("LayerNormalization", List.of("x", "g", "g"), List.of("n"), integer("axis", -1))
                .node("Split", List.of("n", "split"), List.of("l", "r"), integer("axis", 2))
                .node("Einsum", List.of("l", "r"), List.of("e"), text("equation", "bij,bkj->bik"))
                .node("ReduceMean", List.of("e"), List.of("m"), ints("axes", 1), integer("keepdims", 0))
                .node("Gemm", List.of("m", "h"), List.of("y"), real("alpha", 2), integer("transB", 1)).initializer(weights("h", 4, 8))
                .output("y").output("o");
    }

    private static OnnxFixture shapes() {
        return new OnnxFixture().input("x", "", "6", "8").initializer(longs("target", 2, 3, -1)).initializer(longs("zero", 0))
                .initializer(longs("one", 1)).initializer(longs("four", 4)).initializer(longs("pads", 0, 0, 1, 0, 0, 1))
                .initializer(OnnxFixture.floats("scales", List.of(3L), 1, 2, 1.5f)).initializer(longs("repeats", 1, 2, 1)).initializer(longs("index", 0, 2))
                .node("Shape", List.of("x"), List.of("s")).node("Gather", List.of("s", "zero"), List.of("b"), integer("axis", 0))
                .node("Concat", List.of("b", "four", "one"), List.of("t"), integer("axis", 0))
                .node("Slice", List.of("x", "zero", "four", "one", "one"), List.of("c"))
                .node("Pad", List.of("c", "pads"), List.of("p"), text("mode", "reflect"))
                .node("Tile", List.of("p", "repeats"), List.of("ti")).node("Expand", List.of("c", "t"), List.of("ex"))
                .node("ConstantOfShape", List.of("t"), List.of("z"), tensor("value", OnnxFixture.floats("v", List.of(1L), 1)))
                .node("NonZero", List.of("x"), List.of("nz")).node("GatherND", List.of("x", "nzt"), List.of("gn"))
                .node("Transpose", List.of("nz"), List.of("nzt"), ints("perm", 1, 0))
                .node("TopK", List.of("x", "one"), List.of("tv", "tn"), integer("axis", 2)).node("Unsqueeze", List.of("x", "zero"), List.of("u"))
                .node("Squeeze", List.of("u", "zero"), List.of("sq")).node("OneHot", List.of("tn", "four", "oh"), List.of("hot"))
                .initializer(weights("oh", 2)).node("CumSum", List.of("x", "one"), List.of("cs"))
                .node("Resize", List.of("x", "", "scales"), List.of("rs"), text("mode", "nearest"))
                .node("ScatterND", List.of("x", "si", "su"), List.of("sc")).initializer(longs2("si")).initializer(weights("su", 1, 6, 8))
                .output("ti").output("ex").output("z").output("gn").output("tv").output("hot").output("cs").output("sc").output("sq");
    }

    private static TensorProto longs2(String name) {
        return longs(name, 0).toBuilder().clearDims().addDims(1).addDims(1).build();
    }

    private static OnnxFixture branches() {
        return new OnnxFixture().input("flag", BOOL).input("x", "4", "8").initializer(weights("w", 8, 8))
                .node("If", List.of("flag"), List.of("y", "k"),
                        OnnxFixture.body("then_branch", new OnnxFixture().node("MatMul", List.of("x", "w"), List.of("ty"))
                                .node("Identity", List.of("x"), List.of("tk")).output("ty").output("tk")),
                        OnnxFixture.body("else_branch", new OnnxFixture().initializer(weights("ew", 8))
                                .node("Add", List.of("x", "ew"), List.of("ea")).node("If", List.of("flag"), List.of("ey"),
                                        OnnxFixture.body("then_branch", new OnnxFixture().node("Neg", List.of("ea"), List.of("n")).output("n")),
                                        OnnxFixture.body("else_branch", new OnnxFixture().node("Abs", List.of("ea"), List.of("m")).output("m")))
                                .node("Exp", List.of("x"), List.of("ek")).output("ey").output("ek")))
                .node("Add", List.of("y", "k"), List.of("z")).output("z");
    }

    private static OnnxFixture loop() {
        OnnxFixture body = new OnnxFixture().input("i", INT64).input("go", BOOL).input("h", "1", "8")
                .node("MatMul", List.of("h", "w"), List.of("hw")).node("Tanh", List.of("hw"), List.of("ho"))
                .node("Identity", List.of("go"), List.of("goo")).node("Cast", List.of("i"), List.of("ic"), integer("to", 1))
                .output("goo").output("ho").output("ic");
        return new OnnxFixture().input("x", "1", "8").initializer(weights("w", 8, 8))
                .initializer(longs("trips", 5).toBuilder().clearDims().build())
                .node("Loop", List.of("trips", "", "x"), List.of("y", "steps"), OnnxFixture.body("body", body)).output("y").output("steps");
    }

    private static OnnxFixture scan() {
        OnnxFixture body = new OnnxFixture().input("st", "8").input("row", "8").node("Add", List.of("st", "row"), List.of("so"))
                .node("Mul", List.of("so", "row"), List.of("out")).output("so").output("out");
        return new OnnxFixture().input("init", "8").input("rows", "5", "8").node("Scan", List.of("init", "rows"), List.of("fin", "all"),
                integer("num_scan_inputs", 1), OnnxFixture.body("body", body)).output("fin").output("all");
    }

    /** Constants that are folded: division, remainder, ranges, shifts. */
    private static OnnxFixture integers() {
        return new OnnxFixture().input("x", INT64, "4").initializer(longs("a", 7, 8, 9, 10)).initializer(longs("b", 2, 3, 4, 5))
                .initializer(longs("z", 1).toBuilder().clearDims().build()).initializer(longs("n", 6).toBuilder().clearDims().build())
                .node("Div", List.of("a", "b"), List.of("d")).node("Mod", List.of("a", "b"), List.of("m"), integer("fmod", 0))
                .node("Range", List.of("z", "n", "z"), List.of("r")).node("Pow", List.of("a", "b"), List.of("p"))
                .node("Gather", List.of("r", "b2"), List.of("g"), integer("axis", 0)).initializer(longs("b2", 1, 2, 3, 4))
                .node("Add", List.of("d", "x"), List.of("s")).node("Sub", List.of("s", "m"), List.of("t"))
                .node("Div", List.of("x", "b"), List.of("v")).node("Add", List.of("t", "g"), List.of("u")).output("u").output("v").output("p");
    }

    private static OnnxFixture quantised() {
        return new OnnxFixture().input("x", "1", "2", "6", "6").initializer(weights("sc", 1).toBuilder().clearDims().build())
                .initializer(bytes("zp", ElementType.UINT8, 1)).initializer(bytes("w", ElementType.INT8, 54, 3, 2, 3, 3))
                .initializer(bytes("wz", ElementType.INT8, 1)).initializer(bytes("m", ElementType.INT8, 12, 6, 2))
                .node("QuantizeLinear", List.of("x", "sc", "zp"), List.of("q")).node("DequantizeLinear", List.of("q", "sc", "zp"), List.of("d"))
                .node("DequantizeLinear", List.of("w", "sc", "wz"), List.of("wd")).node("Conv", List.of("d", "wd"), List.of("c"))
                .node("QuantizeLinear", List.of("c", "sc", "zp"), List.of("cq")).node("DequantizeLinear", List.of("cq", "sc", "zp"), List.of("cd"))
                .node("QLinearConv", List.of("q", "sc", "zp", "w", "sc", "wz", "sc", "zp"), List.of("qc"))
                .node("DynamicQuantizeLinear", List.of("x"), List.of("dq", "ds", "dz"))
                .node("MatMulInteger", List.of("dq", "m", "dz", "wz"), List.of("mi")).output("cd").output("qc").output("mi");
    }

    private static OnnxFixture recurrent() {
        return new OnnxFixture().input("x", "5", "1", "4").initializer(weights("w", 1, 24, 4)).initializer(weights("r", 1, 24, 6))
                .initializer(weights("b", 1, 48)).initializer(weights("gw", 1, 18, 4)).initializer(weights("gr", 1, 18, 6))
                .node("LSTM", List.of("x", "w", "r", "b"), List.of("y", "h", "c"), integer("hidden_size", 6))
                .node("GRU", List.of("x", "gw", "gr"), List.of("gy"), integer("hidden_size", 6), text("direction", "forward"))
                .node("Concat", List.of("y", "gy"), List.of("o"), integer("axis", 3)).output("o").output("h");
    }
}
