package io.parallaxfleet.check.fuzz;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models of one operator each, with every number that it takes as an attribute or a constant stated: what {@link ExtremeNumbers} changes. */
final class OperatorSeeds {
    private static final int INT64 = ElementType.INT64.onnxCode();
    private static final int BOOL = ElementType.BOOL.onnxCode();
    private static final int UINT8 = ElementType.UINT8.onnxCode();

    private final Map<String, ModelProto> models = new LinkedHashMap<>();

    private OperatorSeeds() {}

    /** By name, in the order in which they are written here. */
    static Map<String, ModelProto> all() {
        OperatorSeeds seeds = new OperatorSeeds();
        seeds.windows();
        seeds.shapes();
        seeds.axes();
        seeds.makers();
        seeds.rest();
        seeds.microsoft();
        return seeds.models;
    }

    /** One operator on its way into a model. */
    private static final class Seed {
        private final OnnxFixture fixture = new OnnxFixture();
        private final NodeProto.Builder node;

        private Seed(String type, int opset) {
            node = NodeProto.newBuilder().setOpType(type).setName("it");
            fixture.opset(opset);
        }

        private Seed x(String... dimensions) {
            return input(ElementType.FLOAT.onnxCode(), dimensions);
        }

        private Seed input(int type, String... dimensions) {
            String name = "x" + node.getInputCount();
            fixture.input(name, type, dimensions);
            node.addInput(name);
            return this;
        }

        private Seed w(long... dimensions) {
            return constant(weights("c" + node.getInputCount(), dimensions));
        }

        private Seed longs(long... values) {
            return constant(numbers("c" + node.getInputCount(), values).addDims(values.length).build());
        }

        private Seed scalar(long value) {
            return constant(numbers("c" + node.getInputCount(), value).build());
        }

        private Seed floats(float... values) {
            return constant(OnnxFixture.floats("c" + node.getInputCount(), List.of((long) values.length), values));
        }

        private Seed number(float value) {
            return constant(OnnxFixture.floats("c" + node.getInputCount(), List.of(), value));
        }

        private Seed bytes(int type, int count, long... dimensions) {
            return constant(TensorProto.newBuilder().setName("c" + node.getInputCount()).setDataType(type)
                    .addAllDims(Arrays.stream(dimensions).boxed().toList()).setRawData(ByteString.copyFrom(new byte[count])).build());
        }

        private Seed none() {
            node.addInput("");
            return this;
        }

        private Seed constant(TensorProto tensor) {
            fixture.initializer(tensor);
            node.addInput(tensor.getName());
            return this;
        }

        private Seed i(String name, long value) {
            node.addAttributeBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
            return this;
        }

        private Seed ints(String name, long... values) {
            node.addAttributeBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
                    .addAllInts(Arrays.stream(values).boxed().toList());
            return this;
        }

        private Seed f(String name, float value) {
            node.addAttributeBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value);
            return this;
        }

        private Seed fs(String name, Float... values) {
            node.addAttributeBuilder().setName(name).setType(AttributeProto.AttributeType.FLOATS).addAllFloats(List.of(values));
            return this;
        }

        private Seed s(String name, String value) {
            node.addAttributeBuilder().setName(name).setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
            return this;
        }

        private Seed body(OnnxFixture body) {
            node.addAttribute(OnnxFixture.body("body", body));
            return this;
        }

        private ModelProto outputs(int count) {
            List<String> outputs = new ArrayList<>();
            for (int output = 0; output < count; output++) {
                outputs.add("y" + output);
                fixture.output("y" + output);
            }
            // What is all constants would be computed before it runs, and nothing be left.
            fixture.input("beside", "2").node("Neg", List.of("beside"), List.of("negated")).output("negated");
            ModelProto.Builder model = fixture.model().toBuilder();
            model.getGraphBuilder().addNode(0, node.addAllOutput(outputs));
            if (!node.getDomain().isEmpty()) {
                model.addOpsetImportBuilder().setDomain(node.getDomain()).setVersion(1);
            }
            return model.build();
        }
    }

    private static TensorProto weights(String name, long... dimensions) {
        int count = (int) Arrays.stream(dimensions).reduce(1, (a, b) -> a * b);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i % 7 - 3) / 4f;
        }
        return OnnxFixture.floats(name, Arrays.stream(dimensions).boxed().toList(), values);
    }

    private static TensorProto.Builder numbers(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(raw::putLong);
        return TensorProto.newBuilder().setName(name).setDataType(INT64).setRawData(ByteString.copyFrom(raw.flip()));
    }

    private static Seed op(String type) {
        return new Seed(type, 17);
    }

    private static Seed op(String type, int opset) {
        return new Seed(type, opset);
    }

    private static Seed ms(String type) {
        Seed seed = new Seed(type, 17);
        seed.node.setDomain("com.microsoft");
        return seed;
    }

    private void add(Seed seed) {
        add(seed, 1);
    }

    private void add(Seed seed, int outputs) {
        String name = seed.node.getOpType() + (seed.node.getDomain().isEmpty() ? "" : "*");
        for (int again = 2; models.containsKey(name); again++) {
            name = seed.node.getOpType() + "#" + again;
        }
        models.put(name, seed.outputs(outputs));
    }

    private static final String[] IMAGE = {"1", "4", "8", "8"};

    private static Seed windowed(Seed seed) {
        return seed.ints("kernel_shape", 3, 3).ints("strides", 2, 2).ints("pads", 1, 1, 1, 1);
    }

    private void windows() {
        add(windowed(op("Conv").x(IMAGE).w(4, 4, 3, 3)).ints("dilations", 1, 1).i("group", 1));
        add(windowed(op("Conv").x(IMAGE).w(4, 1, 3, 3)).ints("dilations", 1, 1).i("group", 4));
        add(op("Conv").x("1", "4", "8").w(4, 4, 3).ints("kernel_shape", 3).ints("strides", 1).ints("pads", 1, 1).ints("dilations", 1));
        add(windowed(op("ConvTranspose").x(IMAGE).w(4, 4, 3, 3)).ints("dilations", 1, 1).i("group", 1).ints("output_padding", 1, 1));
        add(windowed(op("ConvTranspose").x(IMAGE).w(4, 4, 3, 3)).ints("output_shape", 16, 16));
        add(windowed(op("MaxPool").x(IMAGE)).ints("dilations", 1, 1).i("ceil_mode", 1).i("storage_order", 0), 2);
        add(windowed(op("MaxPool").x(IMAGE)));
        add(windowed(op("AveragePool").x(IMAGE)).i("ceil_mode", 1).i("count_include_pad", 1));
        add(windowed(op("AveragePool", 19).x(IMAGE)).ints("dilations", 1, 1));
        add(windowed(op("LpPool", 18).x(IMAGE)).i("p", 2).ints("dilations", 1, 1).i("ceil_mode", 1));
        add(op("GlobalLpPool").x(IMAGE).i("p", 2));
        add(op("MaxUnpool").x("1", "1", "2", "2").constant(numbers("c1", 0, 3, 10, 15).addDims(1).addDims(1).addDims(2).addDims(2).build())
                .longs(1, 1, 4, 4).ints("kernel_shape", 2, 2).ints("strides", 2, 2).ints("pads", 0, 0, 0, 0));
        add(windowed(op("QLinearConv").input(UINT8, IMAGE).number(1).bytes(UINT8, 1).bytes(UINT8, 144, 4, 4, 3, 3).number(1).bytes(UINT8, 1)
                .number(1).bytes(UINT8, 1)).ints("dilations", 1, 1).i("group", 1));
        add(windowed(op("ConvInteger").input(UINT8, IMAGE).bytes(UINT8, 144, 4, 4, 3, 3)).ints("dilations", 1, 1).i("group", 1));
        add(op("LRN").x(IMAGE).i("size", 3).f("alpha", 1e-4f).f("beta", 0.75f).f("bias", 1));
        add(op("DepthToSpace").x("1", "16", "4", "4").i("blocksize", 2).s("mode", "CRD"));
        add(op("DepthToSpace").x("1", "16", "4", "4").i("blocksize", 2));
        add(op("SpaceToDepth").x("1", "4", "8", "8").i("blocksize", 2));
        add(op("Col2Im", 18).x("1", "36", "16").longs(4, 4).longs(3, 3).ints("dilations", 1, 1).ints("pads", 1, 1, 1, 1).ints("strides", 1, 1));
        add(op("GridSample").x(IMAGE).x("1", "4", "4", "2").i("align_corners", 0));
        add(op("RoiAlign").x(IMAGE).constant(OnnxFixture.floats("c1", List.of(1L, 4L), 0, 0, 4, 4)).longs(0).i("output_height", 2)
                .i("output_width", 2).i("sampling_ratio", 2).f("spatial_scale", 1));
        add(op("MaxRoiPool").x(IMAGE).constant(OnnxFixture.floats("c1", List.of(1L, 5L), 0, 0, 0, 4, 4)).ints("pooled_shape", 2, 2)
                .f("spatial_scale", 1));
        add(op("GroupNormalization", 21).x(IMAGE).w(4).w(4).i("num_groups", 2).f("epsilon", 1e-5f));
        add(op("AffineGrid", 20).x("1", "2", "3").longs(1, 3, 4, 4).i("align_corners", 0));
    }

    private void shapes() {
        add(op("Reshape").x("4", "6").longs(2, 12).i("allowzero", 0));
        add(op("Reshape").x("4", "6").longs(0, -1));
        add(op("Expand").x("1", "4").longs(3, 4));
        add(op("Tile").x("2", "3").longs(2, 2));
        add(op("Pad").x("2", "3").longs(0, 1, 1, 0).number(0).s("mode", "constant"));
        add(op("Pad").x("4", "5").longs(0, 1, 1, 0).s("mode", "reflect"));
        add(op("Pad").x("4", "5").longs(0, 1, 1, 0).s("mode", "edge"));
        add(op("Pad", 19).x("4", "5").longs(1, 1).none().longs(1).s("mode", "wrap"));
        add(op("Pad", 10).x("4", "5").ints("pads", 0, 1, 1, 0).f("value", 0));
        add(op("Slice").x("6", "8").longs(1).longs(5).longs(0).longs(2));
        add(op("Slice").x("6", "8").longs(1, 7).longs(5, 1).longs(0, 1).longs(2, -1));
        add(op("Slice", 9).x("6", "8").ints("starts", 1).ints("ends", 5).ints("axes", 0));
        for (String mode : List.of("nearest", "linear", "cubic")) {
            add(op("Resize").x("1", "1", "4", "4").none().floats(1, 1, 2, 2).s("mode", mode));
            add(op("Resize").x("1", "1", "4", "4").none().none().longs(1, 1, 6, 6).s("mode", mode));
        }
        add(op("Resize", 18).x("1", "1", "4", "4").none().none().longs(6, 6).ints("axes", 2, 3).i("antialias", 1).s("mode", "linear"));
        add(op("Resize", 18).x("1", "1", "4", "4").none().floats(0.5f, 0.5f).ints("axes", 2, 3).i("antialias", 1).s("mode", "cubic")
                .f("cubic_coeff_a", -0.75f).i("exclude_outside", 1));
        add(op("Resize").x("1", "1", "4", "4").floats(0, 0, 0.2f, 0.2f, 1, 1, 0.8f, 0.8f).floats(1, 1, 2, 2)
                .s("coordinate_transformation_mode", "tf_crop_and_resize").f("extrapolation_value", 0).s("mode", "linear"));
        add(op("Upsample", 9).x("1", "1", "4", "4").floats(1, 1, 2, 2));
        add(op("Upsample", 7).x("1", "1", "4", "4").fs("scales", 1f, 1f, 2f, 2f));
        add(op("CenterCropPad", 18).x("4", "6").longs(6, 4).ints("axes", 0, 1));
        add(op("Split").x("4", "6").longs(2, 4).i("axis", 1), 2);
        add(op("Split", 18).x("4", "6").i("axis", 1).i("num_outputs", 2), 2);
        add(op("Split", 11).x("4", "6").i("axis", 1).ints("split", 2, 4), 2);
        add(op("Unsqueeze").x("4", "6").longs(0, 2));
        add(op("Unsqueeze", 11).x("4", "6").ints("axes", 0, 2));
        add(op("Squeeze").x("1", "6", "1").longs(0, 2));
        add(op("Squeeze", 11).x("1", "6", "1").ints("axes", 0, 2));
        add(op("Flatten").x("2", "3", "4").i("axis", 1));
        add(op("Transpose").x("2", "3", "4").ints("perm", 2, 0, 1));
        add(op("Shape", 15).x("2", "3", "4").i("start", 0).i("end", 2));
        add(op("Concat").x("2", "3").x("2", "3").i("axis", 1));
    }

    private void axes() {
        for (String reduce : List.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceLogSumExp", "ReduceProd")) {
            add(op(reduce, 18).x("2", "3", "4").longs(1).i("keepdims", 1).i("noop_with_empty_axes", 0));
            add(op(reduce, 12).x("2", "3", "4").ints("axes", 0, 2).i("keepdims", 0));
        }
        for (String axis : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            add(op(axis).x("2", "3", "4").i("axis", 1));
            add(op(axis, 11).x("2", "3", "4").i("axis", 1));
        }
        for (String arg : List.of("ArgMax", "ArgMin")) {
            add(op(arg).x("2", "3", "4").i("axis", 1).i("keepdims", 1).i("select_last_index", 0));
        }
        add(op("LayerNormalization").x("2", "3", "4").w(4).w(4).i("axis", -1).f("epsilon", 1e-5f).i("stash_type", 1), 3);
        add(op("LpNormalization").x("2", "3", "4").i("axis", 1).i("p", 2));
        add(op("MeanVarianceNormalization").x(IMAGE).ints("axes", 0, 2, 3));
        add(op("BatchNormalization").x(IMAGE).w(4).w(4).w(4).w(4).f("epsilon", 1e-5f).f("momentum", 0.9f).i("training_mode", 0));
        add(op("InstanceNormalization").x(IMAGE).w(4).w(4).f("epsilon", 1e-5f));
        add(op("CumSum").x("2", "3").scalar(1).i("exclusive", 0).i("reverse", 0));
        add(op("TopK").x("2", "6").longs(2).i("axis", 1).i("largest", 1).i("sorted", 1), 2);
        add(op("TopK", 10).x("2", "6").longs(2).i("axis", 1), 2);
        add(op("TopK", 9).x("2", "6").i("axis", 1).i("k", 2), 2);
        add(op("Gather").x("4", "6").longs(0, 2).i("axis", 0));
        add(op("GatherElements").x("2", "2").constant(numbers("c1", 0, 1, 1, 0).addDims(2).addDims(2).build()).i("axis", 1));
        add(op("GatherND").x("2", "3", "4").constant(numbers("c1", 0, 1).addDims(1).addDims(2).build()));
        add(op("GatherND").x("2", "3", "4").constant(numbers("c1", 0, 1).addDims(2).addDims(1).build()).i("batch_dims", 1));
        add(op("ScatterND").x("4", "6").constant(numbers("c1", 0, 2).addDims(2).addDims(1).build()).w(2, 6));
        add(op("ScatterElements", 18).x("3", "3").constant(numbers("c1", 0, 1, 2).addDims(1).addDims(3).build()).w(1, 3).i("axis", 1)
                .s("reduction", "add"));
        add(op("Scatter", 9).x("3", "3").constant(numbers("c1", 0, 1, 2).addDims(1).addDims(3).build()).w(1, 3).i("axis", 1));
        add(op("Compress").x("4", "6").bytes(BOOL, 4, 4).i("axis", 0));
        add(op("ReverseSequence").x("4", "2", "3").longs(4, 2).i("time_axis", 0).i("batch_axis", 1));
        add(op("OneHot").input(INT64, "2", "3").scalar(5).floats(0, 1).i("axis", -1));
        add(op("Trilu").x("4", "6").scalar(1).i("upper", 1));
        add(op("Unique").x("4", "6").i("axis", 0).i("sorted", 1), 4);
        add(op("NonMaxSuppression").x("1", "6", "4").x("1", "1", "6").longs(3).floats(0.5f).floats(0).i("center_point_box", 0));
        add(op("DFT").x("1", "8", "1").scalar(8).i("axis", 1).i("inverse", 0).i("onesided", 0));
        add(op("STFT").x("1", "64").scalar(8).w(16).scalar(16).i("onesided", 1));
        add(op("QuantizeLinear").x("2", "3").floats(1, 1, 1).bytes(UINT8, 3, 3).i("axis", 1));
        add(op("DequantizeLinear").input(UINT8, "2", "3").floats(1, 1, 1).bytes(UINT8, 3, 3).i("axis", 1));
        add(op("DequantizeLinear", 21).input(UINT8, "2", "4").constant(weights("c1", 2, 2)).bytes(UINT8, 4, 2, 2).i("axis", 1).i("block_size", 2));
        add(op("QuantizeLinear", 21).x("2", "4").constant(weights("c1", 2, 2)).bytes(UINT8, 4, 2, 2).i("axis", 1).i("block_size", 2)
                .i("output_dtype", 2).i("saturate", 1));
    }

    private void makers() {
        add(op("ConstantOfShape").longs(2, 3));
        add(op("Range").scalar(0).scalar(6).scalar(2));
        add(op("Range").number(0).number(6).number(2));
        add(op("EyeLike").x("4", "6").i("k", 1).i("dtype", 1));
        add(op("RandomNormal").ints("shape", 2, 3).f("mean", 0).f("scale", 1).f("seed", 3).i("dtype", 1));
        add(op("RandomUniform").ints("shape", 2, 3).f("low", 0).f("high", 1).f("seed", 3).i("dtype", 1));
        add(op("RandomNormalLike").x("2", "3").f("mean", 0).f("scale", 1).f("seed", 3).i("dtype", 1));
        add(op("Multinomial").x("2", "3").i("sample_size", 4).f("seed", 3).i("dtype", 6));
        add(op("Bernoulli").x("2", "3").i("dtype", 1).f("seed", 3));
        for (String window : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            add(op(window).scalar(8).i("periodic", 1).i("output_datatype", 1));
        }
        add(op("MelWeightMatrix").scalar(4).scalar(16).scalar(8000).number(0).number(4000).i("output_datatype", 1));
    }

    private void rest() {
        add(op("Gemm").x("2", "3").w(3, 4).w(4).f("alpha", 1).f("beta", 1).i("transA", 0).i("transB", 0));
        add(op("Cast").x("2", "3").i("to", 7));
        add(op("Cast", 19).x("2", "3").i("to", 7).i("saturate", 1));
        add(op("Clip", 6).x("2", "3").f("min", 0).f("max", 1));
        add(op("Clip").x("2", "3").number(0).number(1));
        add(op("LeakyRelu").x("2", "3").f("alpha", 0.1f));
        add(op("Div").input(INT64, "4").longs(2, 3, 4, 5));
        add(op("Mod").input(INT64, "4").longs(2, 3, 4, 5).i("fmod", 0));
        add(op("Div").longs(2, 3, 4, 5).input(INT64, "4"));
        add(op("Pow").input(INT64, "4").longs(2, 3, 4, 5));
        add(op("Dropout").x("2", "3").number(0.5f).i("seed", 1));
        add(op("LSTM").x("5", "1", "4").w(1, 24, 4).w(1, 24, 6).w(1, 48).i("hidden_size", 6).f("clip", 3).i("input_forget", 0).i("layout", 0), 3);
        add(op("GRU").x("5", "1", "4").w(1, 18, 4).w(1, 18, 6).w(1, 36).i("hidden_size", 6).f("clip", 3).i("linear_before_reset", 0).i("layout", 0), 2);
        add(op("RNN").x("5", "1", "4").w(1, 6, 4).w(1, 6, 6).w(1, 12).i("hidden_size", 6).f("clip", 3).i("layout", 0), 2);
        add(op("GRU").x("5", "1", "4").w(1, 18, 4).w(1, 18, 6).w(1, 36).constant(int32("c4", 5)).i("hidden_size", 6), 2);
        OnnxFixture rows = new OnnxFixture().input("st", "8").input("row", "8").node("Add", List.of("st", "row"), List.of("so"))
                .node("Mul", List.of("so", "row"), List.of("out")).output("so").output("out");
        add(op("Scan").x("8").x("5", "8").i("num_scan_inputs", 1).ints("scan_input_axes", 0).ints("scan_input_directions", 0)
                .ints("scan_output_axes", 0).ints("scan_output_directions", 0).body(rows), 2);
        add(op("TfIdfVectorizer").input(INT64, "6").i("max_gram_length", 2).i("max_skip_count", 1).i("min_gram_length", 1).s("mode", "TF")
                .ints("ngram_counts", 0, 2).ints("ngram_indexes", 0, 1, 2).ints("pool_int64s", 2, 3, 5, 4));
        add(op("Einsum").x("2", "3").x("3", "4").s("equation", "ij,jk->ik"));
    }

    private void microsoft() {
        add(ms("MultiHeadAttention").x("1", "6", "8").x("1", "6", "8").x("1", "6", "8").i("num_heads", 2).f("scale", 0.5f)
                .i("unidirectional", 0).f("mask_filter_value", -10000f));
        add(ms("Attention").x("1", "6", "8").w(8, 24).w(24).i("num_heads", 2).i("unidirectional", 0).f("scale", 0.5f)
                .ints("qkv_hidden_sizes", 8, 8, 8).i("rotary_embedding_dim", 0).i("do_rotary", 0));
        add(ms("GroupQueryAttention").x("1", "1", "16").x("1", "1", "16").x("1", "1", "16").x("1", "2", "4", "8").x("1", "2", "4", "8")
                .constant(int32("c5", 2)).constant(int32("c6", 3).toBuilder().clearDims().build()).i("num_heads", 2).i("kv_num_heads", 2)
                .i("local_window_size", -1).i("do_rotary", 0).f("scale", 0.5f).f("softcap", 0), 3);
        add(ms("SkipLayerNormalization").x("1", "6", "8").x("1", "6", "8").w(8).w(8).w(8).f("epsilon", 1e-5f));
        add(ms("FusedMatMul").x("2", "3").w(3, 4).f("alpha", 1).i("transA", 0).i("transB", 0).i("transBatchA", 0).i("transBatchB", 0));
        add(ms("FusedConv").x(IMAGE).w(4, 4, 3, 3).ints("kernel_shape", 3, 3).ints("pads", 1, 1, 1, 1).ints("strides", 1, 1)
                .ints("dilations", 1, 1).i("group", 1).s("activation", "Relu"));
        add(ms("FusedGemm").x("2", "3").w(3, 4).w(4).f("alpha", 1).f("beta", 1).i("transA", 0).i("transB", 0).s("activation", "Relu"));
        add(ms("RotaryEmbedding").x("1", "6", "16").constant(numbers("c1", 0).addDims(1).build()).w(8, 4).w(8, 4).i("num_heads", 2)
                .i("interleaved", 0).i("rotary_embedding_dim", 0).i("is_packed_batching", 0).f("scale", 1));
        add(ms("MatMulNBits").x("2", "32").bytes(UINT8, 64, 4, 1, 16).floats(1, 1, 1, 1).i("K", 32).i("N", 4).i("bits", 4)
                .i("block_size", 32).i("accuracy_level", 0));
        add(ms("GatherBlockQuantized").bytes(UINT8, 64, 4, 16).longs(0, 1).constant(weights("c2", 4, 1)).i("block_size", 32)
                .i("gather_axis", 0).i("quantize_axis", 1).i("bits", 4));
        add(ms("QLinearAveragePool").input(UINT8, IMAGE).number(1).bytes(UINT8, 1).number(1).bytes(UINT8, 1).ints("kernel_shape", 3, 3)
                .ints("strides", 2, 2).ints("pads", 1, 1, 1, 1).i("ceil_mode", 0).i("count_include_pad", 0).i("channels_last", 0));
        add(ms("QLinearConcat").number(1).bytes(UINT8, 1).input(UINT8, "2", "3").number(1).bytes(UINT8, 1).i("axis", 1));
        add(ms("QLinearSoftmax").input(UINT8, "2", "3").number(1).bytes(UINT8, 1).number(1).bytes(UINT8, 1).i("axis", 1).i("opset", 13));
        add(ms("NhwcMaxPool").input(UINT8, "1", "8", "8", "4").ints("kernel_shape", 3, 3).ints("strides", 2, 2).ints("pads", 1, 1, 1, 1)
                .ints("dilations", 1, 1).i("ceil_mode", 0));
        add(ms("CropAndResize").x(IMAGE).constant(OnnxFixture.floats("c1", List.of(1L, 4L), 0, 0, 1, 1)).constant(int32("c2", 0))
                .constant(int32("c3", 2, 2)).f("extrapolation_value", 0));
        add(ms("Pad").x("2", "3").longs(0, 1, 1, 0));
        add(ms("ExpandDims").x("2", "3").constant(int32("c1", 0).toBuilder().clearDims().build()));
        add(ms("Range").number(0).number(6).number(2));
        add(ms("Trilu").x("4", "6").scalar(1).i("upper", 1));
        add(ms("NGramRepeatBlock").input(INT64, "1", "6").x("1", "10").i("ngram_size", 2));
        add(ms("MurmurHash3").input(ElementType.INT32.onnxCode(), "4").i("seed", 0).i("positive", 1));
    }

    private static TensorProto int32(String name, int... values) {
        ByteBuffer raw = ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(raw::putInt);
        return TensorProto.newBuilder().setName(name).setDataType(ElementType.INT32.onnxCode()).addDims(values.length)
                .setRawData(ByteString.copyFrom(raw.flip())).build();
    }
}
