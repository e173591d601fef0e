package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    void makeWeightsTwice() {
        // The weights that the factor makes are read by nobody once the subtraction has made others.
        model = RewriteFixture.prepare(new OnnxFixture().input("x", "1", "30", "6", "6")
                .initializer(RewriteFixture.weights("w", 1, 30L, 30L, 3L, 3L)).initializer(RewriteFixture.weights("b", 2, 30L))
                .initializer(OnnxFixture.floats("two", List.of(1L), 2f))
                .node("Conv", List.of("x", "w", "b"), List.of("sum")).node("Mul", List.of("sum", "two"), List.of("doubled"))
                .node("Sub", List.of("two", "doubled"), List.of("turned")).node("Relu", List.of("turned"), List.of("y")).output("y"), folder);
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
        assertEquals(2, RewriteFixture.places(model, new ConstantsIntoConvolution()));
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
