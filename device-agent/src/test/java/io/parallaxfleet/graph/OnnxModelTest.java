package io.parallaxfleet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.parallaxfleet.graph.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
    @TempDir
    Path folder;

    private static OnnxFixture twoAdds() {
        return new OnnxFixture()
                .input("x", "1", "3")
                .initializer(OnnxFixture.floats("w", List.of(3L), 1, 2, 3))
                .node("Add", List.of("x", "w"), List.of("a"))
                .node("Relu", List.of("a"), List.of("y"))
                .output("y");
    }

    @Nested
    class RefusesInOneLineThatNamesTheFile {
        private void refuses(Path file, String reason) {
            ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> OnnxModel.read(file));
            assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
            assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
        }

        @Test
        void aMissingFile() {
            refuses(folder.resolve("absent.onnx"), "does not exist");
        }

        @Test
        void aDirectory() {
            refuses(folder, "is a directory");
        }

        @Test
        void anEmptyFile() throws IOException {
            refuses(Files.createFile(folder.resolve("empty.onnx")), "is empty");
        }

        @Test
        void aTruncatedModel() throws IOException {
            byte[] whole = twoAdds().model().toByteArray();
            refuses(Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length - 7)), "truncated");
        }

        @Test
        void somethingElse() throws IOException {
            refuses(Files.writeString(folder.resolve("page.onnx"), "<!DOCTYPE html><html>Not found</html>"), "not an ONNX model");
        }

        @Test
        void aModelWithoutAGraph() throws IOException {
            refuses(Files.write(folder.resolve("bare.onnx"), ModelProto.newBuilder().setIrVersion(8).build().toByteArray()), "no graph");
        }

        @Test
        void aModelWithoutAnOperatorSet() throws IOException {
            ModelProto model = twoAdds().model().toBuilder().clearOpsetImport().build();
            refuses(Files.write(folder.resolve("unset.onnx"), model.toByteArray()), "no operator set");
        }

        @Test
        void anEmptyGraph() {
            refuses(new OnnxFixture().input("x", "1").output("x").write(folder.resolve("hollow.onnx")), "empty graph");
        }

        @Test
        void operatorsThatWaitForOneAnother() {
            OnnxFixture circle = new OnnxFixture()
                    .node("Relu", List.of("b"), List.of("a"))
                    .node("Relu", List.of("a"), List.of("b"))
                    .output("b");
            refuses(circle.write(folder.resolve("circle.onnx")), "cycle");
        }
    }

    @Test
    void keepsFieldsItDoesNotKnowThroughAReadAndAWrite() throws IOException {
        // Field 6 of a model is its doc_string, which the trimmed schema leaves out.
        ModelProto model = twoAdds().model().toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(6, UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("doc"))
                                .build())
                        .build())
                .build();
        Path file = Files.write(folder.resolve("doc.onnx"), model.toByteArray());

        assertEquals(model, ModelProto.parseFrom(OnnxModel.read(file).proto().toByteArray()));
    }

    @Test
    void ordersNodesSoThatEveryTensorIsWrittenBeforeItIsRead() {
        OnnxFixture shuffled = new OnnxFixture()
                .input("x", "1")
                .node("Relu", List.of("b"), List.of("y"))
                .node("Neg", List.of("a"), List.of("b"))
                .node("Abs", List.of("x"), List.of("a"))
                .output("y");

        ModelGraph graph = OnnxModel.read(shuffled.write(folder.resolve("m.onnx"))).graph("m", Map.of());

        assertEquals(List.of("Abs", "Neg", "Relu"), graph.nodes().stream().map(Node::opType).toList());
    }

    @Test
    void namesUnnamedNodesByTypeAndPosition() {
        ModelGraph graph = OnnxModel.read(twoAdds().write(folder.resolve("m.onnx"))).graph("m", Map.of());

        assertEquals(List.of("Add_0", "Relu_1"), graph.nodes().stream().map(Node::name).toList());
    }

    @Test
    void doesNotCountAnInitialiserThatIsListedAsInputAmongTheInputs() {
        Path file = twoAdds().input("w", "3").write(folder.resolve("old.onnx"));

        assertEquals(List.of("x"), OnnxModel.read(file).graph("m", Map.of()).inputs());
    }

    @Test
    void findsOuterTensorsThatNestedBodiesRead() {
        OnnxFixture innermost = new OnnxFixture().node("Add", List.of("deep", "local"), List.of("z")).output("z");
        OnnxFixture inner = new OnnxFixture()
                .node("Neg", List.of("shallow"), List.of("local"))
                .node("If", List.of("flag"), List.of("r"), OnnxFixture.body("then_branch", innermost),
                        OnnxFixture.body("else_branch", new OnnxFixture().node("Abs", List.of("local"), List.of("q")).output("q")))
                .output("r");
        OnnxFixture model = new OnnxFixture()
                .input("flag", ElementType.BOOL.onnxCode())
                .input("x", "1")
                .node("Neg", List.of("x"), List.of("deep"))
                .node("Abs", List.of("x"), List.of("shallow"))
                .node("If", List.of("flag"), List.of("y"), OnnxFixture.body("then_branch", inner),
                        OnnxFixture.body("else_branch", new OnnxFixture().output("x")))
                .output("y");

        Node branch = OnnxModel.read(model.write(folder.resolve("m.onnx"))).graph("m", Map.of()).node(2);

        assertTrue(branch.controlFlow());
        assertEquals(Set.of("deep", "shallow", "x"), Set.copyOf(branch.capturedInputs()));
    }
}
