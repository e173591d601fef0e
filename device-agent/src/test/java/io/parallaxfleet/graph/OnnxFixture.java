package io.parallaxfleet.graph;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Builds small ONNX files. */
public final class OnnxFixture {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("fixture");
    private long opset = 17;

    public OnnxFixture opset(long version) {
        opset = version;
        return this;
    }

    /** A float input; a dimension is a number, a name, or empty for one without either. */
    public OnnxFixture input(String name, String... dimensions) {
        return input(name, ElementType.FLOAT.onnxCode(), dimensions);
    }

    public OnnxFixture input(String name, int onnxType, String... dimensions) {
        graph.addInput(info(name, onnxType, dimensions));
        return this;
    }

    public OnnxFixture output(String name) {
        graph.addOutputBuilder().setName(name);
        return this;
    }

    public OnnxFixture typedOutput(String name, String... dimensions) {
        graph.addOutput(info(name, ElementType.FLOAT.onnxCode(), dimensions));
        return this;
    }

    public OnnxFixture node(String opType, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
        graph.addNode(namelessNode(opType, inputs, outputs, attributes));
        return this;
    }

    public OnnxFixture initializer(TensorProto tensor) {
        graph.addInitializer(tensor);
        return this;
    }

    public GraphProto graph() {
        return graph.build();
    }

    public ModelProto model() {
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
        model.addOpsetImportBuilder().setVersion(opset);
        return model.build();
    }

    public Path write(Path file) {
        try {
            return Files.write(file, model().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static NodeProto namelessNode(
            String opType, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setOpType(opType)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(List.of(attributes))
                .build();
    }

    public static AttributeProto body(String name, OnnxFixture body) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body.graph())
                .build();
    }

    public static TensorProto floats(String name, List<Long> dimensions, float... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putFloat(value);
        }
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(ElementType.FLOAT.onnxCode())
                .addAllDims(dimensions)
                .setRawData(ByteString.copyFrom(raw.flip()))
                .build();
    }

    private static ValueInfoProto info(String name, int onnxType, String... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String dimension : dimensions) {
            TensorShapeProto.Dimension.Builder entry = shape.addDimBuilder();
            if (dimension.matches("-?\\d+")) {
                entry.setDimValue(Long.parseLong(dimension));
            } else if (!dimension.isEmpty()) {
                entry.setDimParam(dimension);
            }
        }
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
        info.getTypeBuilder().getTensorTypeBuilder().setElemType(onnxType).setShape(shape);
        return info.build();
    }
}
