package io.parallaxfleet.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.ByteString;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.OperatorSetIdProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.TypeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import io.parallaxfleet.partition.Region;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A small model made in a test and run twice: as one region on the device, and by ONNX Runtime with its optimiser off. Values
 * are drawn from the given source.
 */
final class Fragment {
    private static final int OPSET = 17;

    private final RandomGenerator random;
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("fragment");
    private final Map<String, float[]> inputs = new LinkedHashMap<>();
    private final Map<String, TensorType> inputTypes = new LinkedHashMap<>();
    private final Set<String> produced = new LinkedHashSet<>();

    Fragment(RandomGenerator random) {
        this.random = random;
    }

    /** A model input of normally distributed values. */
    Fragment input(String name, int... shape) {
        return input(name, normal(Shapes.elements(shape)), shape);
    }

    Fragment input(String name, float[] values, int... shape) {
        inputs.put(name, values);
        inputTypes.put(name, type(shape));
        graph.addInput(ValueInfoProto.newBuilder().setName(name).setType(proto(shape)));
        return this;
    }

    Fragment constant(String name, int... shape) {
        return constant(name, normal(Shapes.elements(shape)), shape);
    }

    Fragment constant(String name, float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1).setRawData(ByteString.copyFrom(bytes));
        Arrays.stream(shape).forEach(tensor::addDims);
        graph.addInitializer(tensor);
        return this;
    }

    Fragment integers(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(7).addDims(values.length);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putLong);
        graph.addInitializer(tensor.setRawData(ByteString.copyFrom(bytes.flip())));
        return this;
    }

    /** @param kind operator type, with its domain unless standard; attributes are numbers, texts or arrays of them */
    Fragment node(String kind, List<String> inputNames, List<String> outputs, Map<String, Object> attributes) {
        int dot = kind.lastIndexOf('.');
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(kind.substring(dot + 1)).addAllInput(inputNames)
                .addAllOutput(outputs).setName(kind.substring(dot + 1) + graph.getNodeCount());
        if (dot > 0) {
            node.setDomain(kind.substring(0, dot));
        }
        attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
        graph.addNode(node);
        outputs.stream().filter(output -> !output.isEmpty()).forEach(produced::add);
        return this;
    }

    Fragment node(String kind, List<String> inputNames, String output) {
        return node(kind, inputNames, List.of(output), Map.of());
    }

    float[] normal(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    float[] positive(int count) {
        float[] values = normal(count);
        for (int i = 0; i < count; i++) {
            values[i] = Math.abs(values[i]) + 0.1f;
        }
        return values;
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
        if (value instanceof Integer number) {
            attribute.setType(AttributeProto.AttributeType.INT).setI(number);
        } else if (value instanceof Float number) {
            attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number);
        } else if (value instanceof String text) {
            attribute.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
        } else if (value instanceof int[] numbers) {
            attribute.setType(AttributeProto.AttributeType.INTS);
            Arrays.stream(numbers).forEach(attribute::addInts);
        } else if (value instanceof float[] numbers) {
            attribute.setType(AttributeProto.AttributeType.FLOATS);
            IntStream.range(0, numbers.length).forEach(i -> attribute.addFloats(numbers[i]));
        } else {
            throw new IllegalArgumentException(name + " has an attribute type that fragments do not know");
        }
        return attribute.build();
    }

    private static TensorType type(int... shape) {
        return new TensorType(ElementType.FLOAT, Arrays.stream(shape).mapToObj(Long::valueOf).toList());
    }

    private static TypeProto proto(int... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        Arrays.stream(shape).forEach(d -> dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(d)));
        return TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(dimensions)).build();
    }

    private ModelProto model(Iterable<String> outputs) {
        GraphProto.Builder body = graph.clone().clearOutput();
        outputs.forEach(output -> body.addOutput(ValueInfoProto.newBuilder().setName(output)
                .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)))));
        return ModelProto.newBuilder().setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1)).setGraph(body).build();
    }

    /** Every tensor that a node writes, as ONNX Runtime computes it, and its type. */
    private Map<String, float[]> reference(Map<String, TensorType> types) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> feeds = new HashMap<>();
        Map<String, float[]> results = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            for (Map.Entry<String, float[]> input : inputs.entrySet()) {
                feeds.put(input.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.getValue()),
                        inputTypes.get(input.getKey()).shape()));
            }
            try (OrtSession session = environment.createSession(model(produced).toByteArray(), options);
                    OrtSession.Result result = session.run(feeds)) {
                for (String name : produced) {
                    OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
                    FloatBuffer values = tensor.getFloatBuffer();
                    float[] copy = new float[values.remaining()];
                    values.get(copy);
                    results.put(name, copy);
                    TensorInfo info = tensor.getInfo();
                    types.put(name, TensorType.of(ElementType.FLOAT, info.getShape()));
                }
            }
        } finally {
            feeds.values().forEach(OnnxTensor::close);
        }
        return results;
    }

    /** The model as a graph, with the given outputs. */
    ModelGraph graph(Map<String, TensorType> types, List<String> outputs) {
        return onnx(outputs).graph("fragment", types);
    }

    private OnnxModel onnx(List<String> outputs) {
        return OnnxModel.of(Path.of("fragment.onnx"), model(outputs));
    }

    /** A region of the whole fragment. */
    Region region(ModelGraph of) {
        return new Region(0, IntStream.range(0, of.size()).boxed().toList(), of.inputs(), of.outputs(), of.totalMacs(), 0);
    }

    ConstantSource constants(List<String> outputs) {
        return onnx(outputs).constants();
    }

    /** Types of everything, with ONNX Runtime as the judge. */
    Map<String, TensorType> types() throws OrtException {
        Map<String, TensorType> types = new HashMap<>(inputTypes);
        reference(types);
        return types;
    }

    /** Runs the fragment on the device, twice, and compares the given outputs with ONNX Runtime's. */
    void check(OpenClAccelerator device, List<String> outputs) throws OrtException {
        Map<String, TensorType> types = new HashMap<>(inputTypes);
        Map<String, float[]> expected = reference(types);
        ModelGraph model = graph(types, outputs);
        model.nodes().forEach(node -> assertEquals(java.util.Optional.empty(), device.refusal(model, node), node.toString()));
        List<ByteBuffer> in = new ArrayList<>();
        for (String input : model.inputs()) {
            ByteBuffer buffer = aligned(inputs.get(input).length);
            buffer.asFloatBuffer().put(inputs.get(input));
            in.add(buffer);
        }
        List<ByteBuffer> out = model.outputs().stream().map(output -> aligned(expected.get(output).length)).toList();
        try (CompiledRegion region = device.compile(model, region(model), constants(outputs))) {
            region.run(in, out);
            out.forEach(buffer -> buffer.asFloatBuffer().put(new float[buffer.remaining() / Float.BYTES]));
            region.run(in, out);
        }
        for (int i = 0; i < outputs.size(); i++) {
            assertClose(model.nodes() + " " + outputs.get(i), expected.get(model.outputs().get(i)), out.get(i).asFloatBuffer());
        }
    }

    void check(OpenClAccelerator device, String output) throws OrtException {
        check(device, List.of(output));
    }

    /** Memory as the engine's arenas give it: direct and at a cache line. */
    static ByteBuffer aligned(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES + 128).alignedSlice(64).slice(0, floats * Float.BYTES)
                .order(ByteOrder.nativeOrder());
    }

    private static void assertClose(String what, float[] expected, FloatBuffer actual) {
        double magnitude = 0;
        for (float value : expected) {
            magnitude = Math.max(magnitude, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual.get(i));
            assertTrue(difference <= 1e-4 * Math.max(Math.abs(expected[i]), 0.1 * magnitude),
                    what + " at " + i + ": " + expected[i] + " expected, " + actual.get(i) + " found");
        }
    }
}
