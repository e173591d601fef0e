package io.parallaxfleet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Work inside sub-graphs. A Relu over 100 floats counts 100. */
class BodyMacsTest {
    private static OnnxFixture relus(int count) {
        OnnxFixture body = new OnnxFixture();
        String last = "x";
        for (int i = 0; i < count; i++) {
            body.node("Relu", List.of(last), List.of("r" + count + i)).typedOutput("r" + count + i, "100");
            last = "r" + count + i;
        }
        return body;
    }

    private static ModelGraph graph(OnnxFixture model) {
        return OnnxModel.of(Path.of("m.onnx"), model.model()).graph("m", Map.of("x", TensorType.of(ElementType.FLOAT, 100)));
    }

    private static TensorProto trips(long count) {
        return TensorProto.newBuilder().setName("trips").setDataType(ElementType.INT64.onnxCode()).setRawData(ByteString.copyFrom(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(count).flip())).build();
    }

    private static OnnxFixture loop(String tripCount) {
        OnnxFixture body = relus(1).input("i", ElementType.INT64.onnxCode()).input("go", ElementType.BOOL.onnxCode());
        return new OnnxFixture().input("x", "100").input("open", ElementType.INT64.onnxCode())
                .node("Loop", List.of(tripCount, ""), List.of("y"), OnnxFixture.body("body", body)).output("y");
    }

    @Test
    void anIfCountsItsLargerBranch() {
        ModelGraph graph = graph(new OnnxFixture().input("x", "100").input("flag", ElementType.BOOL.onnxCode())
                .node("If", List.of("flag"), List.of("y"), OnnxFixture.body("then_branch", relus(1)),
                        OnnxFixture.body("else_branch", relus(3)))
                .output("y"));

        assertEquals(300, graph.macs(0));
    }

    @Test
    void aLoopCountsEveryIterationOfAConstantTripCount() {
        assertEquals(700, graph(loop("trips").initializer(trips(7))).macs(0));
    }

    @Test
    void aLoopOfUnknownLengthCountsOneIteration() {
        assertEquals(100, graph(loop("open")).macs(0));
    }

    @Test
    void theLargestNumberIsNoTripCount() {
        assertEquals(100, graph(loop("trips").initializer(trips(Long.MAX_VALUE))).macs(0));
    }

    @Test
    void aScanCountsTheScannedAxis() {
        OnnxFixture body = new OnnxFixture().input("row", "100").node("Relu", List.of("row"), List.of("out")).typedOutput("out", "100");
        AttributeProto inputs = AttributeProto.newBuilder().setName("num_scan_inputs").setType(AttributeProto.AttributeType.INT)
                .setI(1).build();
        ModelGraph graph = OnnxModel.of(Path.of("m.onnx"), new OnnxFixture().input("rows", "12", "100")
                .node("Scan", List.of("rows"), List.of("y"), OnnxFixture.body("body", body), inputs).output("y").model())
                .graph("m", Map.of("rows", TensorType.of(ElementType.FLOAT, 12, 100)));

        assertEquals(1200, graph.macs(0));
    }

    @Test
    void sumsOfWhateverAFileClaimsFitALong() {
        OnnxFixture body = relus(1);
        OnnxFixture nested = new OnnxFixture().node("Loop", List.of("trips", ""), List.of("z"), OnnxFixture.body("body", body)).output("z");
        ModelGraph graph = graph(new OnnxFixture().input("x", "100").initializer(trips(1_000_000))
                .node("Loop", List.of("trips", ""), List.of("y"), OnnxFixture.body("body", nested)).output("y"));

        assertEquals(MacEstimate.MOST_MACS, graph.macs(0));
    }
}
