package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.prepare.PreparedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LateConstantsTest {
    private static final long PAGE = 4096;

    @TempDir
    Path folder;

    private PreparedModel model;

    @BeforeEach
    void rewriteAConvolutionTwice() {
        assumeTrue(ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment()).isPresent(), "this processor has no blocked convolutions");
        // Scaled weights are made by one rule and laid out by the next, which leaves the former unread.
        OnnxFixture fixture = new OnnxFixture().input("x", "1", "32", "6", "6").initializer(RewriteFixture.weights("w", 1, 32L, 32L, 3L, 3L))
                .initializer(RewriteFixture.weights("scale", 2, 1L, 32L, 1L, 1L));
        fixture.node("Relu", List.of("x"), List.of("positive")).node("Conv", List.of("positive", "w"), List.of("sum"))
                .node("Relu", List.of("sum"), List.of("again")).node("Mul", List.of("again", "scale"), List.of("scaled"))
                .initializer(RewriteFixture.weights("v", 3, 24L, 32L, 1L, 1L)).node("Conv", List.of("scaled", "v"), List.of("y")).output("y");
        model = RewriteFixture.prepare(fixture, folder);
    }

    @Test
    void lieOutsideTheModelFromWholePages() {
        List<TensorProto> large = OnnxModel.parse(RewrittenModel.file(model)).getGraph().getInitializerList().stream()
                .filter(tensor -> bytes(tensor) >= PAGE).toList();

        assertTrue(!large.isEmpty());
        for (TensorProto tensor : large) {
            assertEquals(TensorProto.DataLocation.EXTERNAL, tensor.getDataLocation(), tensor.getName());
            long offset = tensor.getExternalDataList().stream().filter(entry -> entry.getKey().equals("offset"))
                    .mapToLong(entry -> Long.parseLong(entry.getValue())).findFirst().orElseThrow();
            assertEquals(0, offset % PAGE, tensor.getName());
        }
    }

    @Test
    void thatNobodyReadsAreNotWritten() throws IOException {
        Path file = RewrittenModel.file(model);
        String name = file.getFileName().toString();

        long read = OnnxModel.parse(file).getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getExternalDataList().stream().anyMatch(entry -> entry.getValue().endsWith(name.replace(".onnx", ".weights"))))
                .mapToLong(tensor -> (bytes(tensor) + PAGE - 1) / PAGE * PAGE).sum();

        assertTrue(Files.size(file.resolveSibling(name.replace(".onnx", ".weights"))) <= read);
    }

    private static long bytes(TensorProto tensor) {
        return Float.BYTES * tensor.getDimsList().stream().reduce(1L, Math::multiplyExact);
    }
}
