package io.parallaxfleet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before any native code sees it, each in one line that names the node or tensor. */
class ModelValidationTest {
    @TempDir
    Path folder;

    private static OnnxFixture valid() {
        return new OnnxFixture().input("x", "1", "3").node("Relu", List.of("x"), List.of("y")).output("y");
    }

    private void refuses(ModelProto model, String... told) {
        ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> OnnxModel.of(folder.resolve("m.onnx"), model));
        for (String part : told) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
        assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
    }

    private void refuses(OnnxFixture model, String... told) {
        refuses(model.model(), told);
    }

    private static OnnxFixture holding(TensorProto tensor) {
        return valid().initializer(tensor);
    }

    private static TensorProto.Builder claim(ElementType type, long... dimensions) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("w").setDataType(type.onnxCode());
        for (long dimension : dimensions) {
            tensor.addDims(dimension);
        }
        return tensor;
    }

    private static TensorProto beside(String location) {
        TensorProto.Builder tensor = claim(ElementType.FLOAT, 3).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        tensor.addExternalDataBuilder().setKey("location").setValue(location);
        return tensor.build();
    }

    @Nested
    class Names {
        @Test
        void thatNothingProvides() {
            refuses(valid().node("Add", List.of("y", "ghost"), List.of("z")), "'Add -> z' reads 'ghost'");
        }

        @Test
        void thatNothingProvidesInsideABody() {
            refuses(valid().input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of("z"),
                    OnnxFixture.body("then_branch", new OnnxFixture().node("Neg", List.of("ghost"), List.of("t")).output("t")),
                    OnnxFixture.body("else_branch", new OnnxFixture().node("Neg", List.of("x"), List.of("e")).output("e"))), "'ghost'");
        }

        @Test
        void thatOnlyASiblingBodyProvides() {
            refuses(valid().input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of("z"),
                    OnnxFixture.body("then_branch", new OnnxFixture().node("Neg", List.of("x"), List.of("t")).output("t")),
                    OnnxFixture.body("else_branch", new OnnxFixture().node("Neg", List.of("t"), List.of("e")).output("e"))), "reads 't'");
        }

        @Test
        void thatAreWrittenTwice() {
            refuses(valid().node("Neg", List.of("x"), List.of("y")), "'Neg -> y' writes 'y', which exists already");
        }

        @Test
        void ofInputsThatAreThereTwice() {
            refuses(valid().input("x", "1"), "the input 'x'", "twice");
        }

        @Test
        void ofInitialisersThatAreThereTwice() {
            refuses(valid().initializer(OnnxFixture.floats("w", List.of(1L), 1)).initializer(OnnxFixture.floats("w", List.of(1L), 2)),
                    "the initialiser 'w' is there twice");
        }

        @Test
        void ofOutputsThatNothingWrites() {
            refuses(valid().output("ghost"), "the output 'ghost'");
        }

        @Test
        void ofOutputsThatAreThereTwice() {
            refuses(valid().output("y"), "the output 'y'", "there twice");
        }

        @Test
        void ofOperatorsThatAreThereTwice() {
            OnnxFixture model = valid().node("Neg", List.of("y"), List.of("z"));
            ModelProto.Builder named = model.model().toBuilder();
            named.getGraphBuilder().getNodeBuilderList().forEach(node -> node.setName("same"));
            refuses(named.build(), "two operators", "'same'");
        }

        @Test
        void ofBodyInputsMayHideOuterOnes() {
            OnnxFixture body = new OnnxFixture().input("i", ElementType.INT64.onnxCode()).input("go", ElementType.BOOL.onnxCode())
                    .input("x", "1", "3").node("Neg", List.of("x"), List.of("n")).node("Identity", List.of("go"), List.of("on"))
                    .output("on").output("n");
            OnnxFixture model = valid().node("Loop", List.of("", "", "x"), List.of("l"), OnnxFixture.body("body", body)).output("l");

            assertEquals(2, OnnxModel.of(folder.resolve("m.onnx"), model.model()).nodes().size());
        }

        @Test
        void thatHideOuterOnes() {
            refuses(valid().input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of("z"),
                    OnnxFixture.body("then_branch", new OnnxFixture().node("Neg", List.of("x"), List.of("y")).output("y"))), "'y'", "hides");
        }
    }

    @Nested
    class Cycles {
        @Test
        void areTold() {
            refuses(new OnnxFixture().input("x", "3").node("Add", List.of("x", "b"), List.of("a")).node("Relu", List.of("a"), List.of("b"))
                    .node("Relu", List.of("b"), List.of("y")).output("y"),
                    "the operators 'Add -> a', 'Relu -> b' wait for one another");
        }

        @Test
        void ofOneOperatorAreTold() {
            refuses(new OnnxFixture().input("x", "3").node("Add", List.of("x", "a"), List.of("a")).node("Relu", List.of("a"), List.of("y"))
                    .output("y"), "the operator 'Add -> a' reads what it writes itself");
        }

        @Test
        void insideABodyAreTold() {
            OnnxFixture body = new OnnxFixture().node("Relu", List.of("b"), List.of("a")).node("Relu", List.of("a"), List.of("b")).output("b");
            refuses(valid().input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of("z"),
                    OnnxFixture.body("then_branch", body)), "wait for one another in a cycle");
        }
    }

    @Nested
    class Tensors {
        @Test
        void ofMoreThanTwoGibibytes() throws IOException {
            try (RandomAccessFile sparse = new RandomAccessFile(folder.resolve("large.bin").toFile(), "rw")) {
                sparse.setLength(3L << 30);
            }
            TensorProto.Builder large = beside("large.bin").toBuilder().clearDims().addDims(3).addDims(1 << 28);
            refuses(holding(large.build()), "the initialiser 'w' takes 3221225472 bytes", "2 GiB");
        }

        @Test
        void withNegativeDimensions() {
            refuses(holding(claim(ElementType.FLOAT, 2, -3).build()), "the initialiser 'w'", "[2, -3]");
        }

        @Test
        void withDimensionsWhoseProductOverflows() {
            refuses(holding(claim(ElementType.FLOAT, 1L << 33, 1L << 33).build()), "the initialiser 'w'", "more elements than any device");
        }

        @Test
        void thatHideAnAbsurdDimensionBehindAnEmptyOne() {
            refuses(holding(claim(ElementType.FLOAT, 0, Long.MAX_VALUE).build()), "the initialiser 'w'");
        }

        @Test
        void thatClaimMoreThanTheyHold() {
            refuses(holding(claim(ElementType.FLOAT, 1 << 30).setRawData(ByteString.copyFrom(new byte[8])).build()),
                    "the initialiser 'w' has 8 bytes where its shape needs 4294967296");
        }

        @Test
        void thatClaimMoreEntriesThanTheyHold() {
            refuses(holding(claim(ElementType.INT64, 4).addInt64Data(1).build()), "the initialiser 'w' has 1 entries", "needs 4");
        }

        @Test
        void insideAttributesThatClaimMoreThanTheyHold() {
            AttributeProto value = AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
                    .setT(claim(ElementType.FLOAT, 100)).build();
            refuses(valid().node("Constant", List.of(), List.of("c"), value), "'value' of 'Constant -> c'");
        }

        @Test
        void ofTypesThatDoNotExist() {
            refuses(holding(claim(ElementType.FLOAT, 1).setDataType(99).build()), "type 99");
        }

        @Test
        void ofTheWrongRank() {
            refuses(new OnnxFixture().input("x", "1", "1", "4", "4").initializer(OnnxFixture.floats("w", List.of(4L), 1, 2, 3, 4))
                    .node("Conv", List.of("x", "w"), List.of("y")).output("y"), "'Conv -> y' (Conv) reads 'w'", "wrong rank");
        }

        @Test
        void whoseStatedShapeIsNegativeOrTooLarge() {
            refuses(new OnnxFixture().input("x", "-7").node("Relu", List.of("x"), List.of("y")).output("y"), "the tensor 'x'");
            refuses(new OnnxFixture().input("x", "1099511627777").node("Relu", List.of("x"), List.of("y")).output("y"), "the tensor 'x'");
        }
    }

    @Nested
    class WeightsBesideTheModel {
        @Test
        void thatAreMissing() {
            refuses(holding(beside("absent.bin")), "'w'", "absent.bin");
        }

        @Test
        void thatAreAFolder() throws IOException {
            Files.createDirectory(folder.resolve("sub"));
            refuses(holding(beside("sub")), "'w'", "no file");
        }

        @Test
        void thatAreOutside() {
            refuses(holding(beside("../w.bin")), "'w'", "outside the model's folder");
            refuses(holding(beside("/etc/passwd")), "'w'", "outside the model's folder");
            refuses(holding(beside("a\0b")), "'w'", "outside the model's folder");
        }

        @Test
        void thatALinkTakesOutside(@TempDir Path elsewhere) throws IOException {
            Files.write(elsewhere.resolve("secret.bin"), new byte[12]);
            Files.createSymbolicLink(folder.resolve("w.bin"), elsewhere.resolve("secret.bin"));
            refuses(holding(beside("w.bin")), "'w'", "is a link to");
        }

        @Test
        void ofTensorsInsideAttributes() {
            AttributeProto value = AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
                    .setT(beside("/etc/passwd")).build();
            refuses(valid().node("Constant", List.of(), List.of("c"), value), "outside the model's folder");
        }

        @Test
        void areAcceptedThroughALinkThatStaysInside() throws IOException {
            Files.write(folder.resolve("real.bin"), new byte[12]);
            Files.createSymbolicLink(folder.resolve("w.bin"), folder.resolve("real.bin"));

            assertEquals(1, OnnxModel.of(folder.resolve("m.onnx"), holding(beside("w.bin")).model()).initializers().size());
        }
    }

    @Test
    void aFileBeyondTheFormatsLimitIsRefusedUnread() throws IOException {
        Path file = folder.resolve("large.onnx");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        assertTrue(assertThrows(ModelFormatException.class, () -> OnnxModel.read(file)).getMessage().contains("larger than 2 GiB"));
    }

    @Test
    void nestingBeyondReasonIsRefused() {
        OnnxFixture body = new OnnxFixture().node("Neg", List.of("x"), List.of("n")).output("n");
        for (int depth = 0; depth < 20; depth++) {
            body = new OnnxFixture().node("If", List.of("flag"), List.of("o" + depth), OnnxFixture.body("then_branch", body)).output("o" + depth);
        }
        refuses(valid().input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of("z"),
                OnnxFixture.body("then_branch", body)), "control-flow operators deep");
    }

    @Test
    void sizesThatAreDividedByAreNotZero() {
        AttributeProto group = AttributeProto.newBuilder().setName("group").setType(AttributeProto.AttributeType.INT).setI(0).build();
        refuses(valid().node("Conv", List.of("x", "x"), List.of("c"), group), "'Conv -> c'", "group 0");
    }

    @Test
    void norOfASquareThatOverflowsToZero() {
        AttributeProto block = AttributeProto.newBuilder().setName("blocksize").setType(AttributeProto.AttributeType.INT).setI(1L << 40).build();
        refuses(valid().node("DepthToSpace", List.of("x"), List.of("d"), block), "'DepthToSpace -> d'", "blocksize 1099511627776");
    }

    @Test
    void theSmallestIntegerIsNotDividedByMinusOne() {
        TensorProto smallest = claim(ElementType.INT64, 1).setName("a").addInt64Data(Long.MIN_VALUE).build();
        TensorProto minusOne = claim(ElementType.INT64, 1).setName("b").addInt64Data(-1).build();
        refuses(valid().initializer(smallest).initializer(minusOne).node("Div", List.of("a", "b"), List.of("d")), "'Div -> d'", "by -1");
        refuses(valid().initializer(smallest).initializer(minusOne).node("Mod", List.of("a", "b"), List.of("d")), "'Mod -> d'", "by -1");
    }

    @Test
    void attributesHoldWhatTheirTypeSays() {
        AttributeProto lies = AttributeProto.newBuilder().setName("body").setType(AttributeProto.AttributeType.GRAPH).build();
        refuses(valid().node("Loop", List.of("", ""), List.of("l"), lies), "'body' of 'Loop -> l'");
    }

    @Test
    void functionsThatMayStandForAnyNumberOfOperatorsAreRefused() {
        ModelProto model = valid().model().toBuilder().setUnknownFields(UnknownFieldSet.newBuilder()
                .addField(25, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8("f")).build()).build()).build();
        refuses(model, "inline them");
    }
}
