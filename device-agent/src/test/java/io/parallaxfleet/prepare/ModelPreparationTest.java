package io.parallaxfleet.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPreparationTest {
    @TempDir
    Path folder;

    private PreparedModel prepare(OnnxFixture model, Map<String, Long> defaults, Map<String, Long> given) {
        Path file = model.write(folder.resolve("model.onnx"));
        return ModelPreparation.prepare(new ModelSource("model", file, defaults), given, folder.resolve("cache"));
    }

    private static OnnxFixture dense() {
        return new OnnxFixture()
                .input("x", "batch", "4")
                .initializer(OnnxFixture.floats("w", List.of(4L, 2L), 1, 2, 3, 4, 5, 6, 7, 8))
                .node("MatMul", List.of("x", "w"), List.of("h"))
                .node("Softmax", List.of("h"), List.of("y"))
                .output("y");
    }

    @Nested
    class RefusesInOneLine {
        private void refuses(OnnxFixture model, Map<String, Long> given, String... told) {
            ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> prepare(model, Map.of(), given));
            assertTrue(refusal.getMessage().contains("model.onnx"), refusal.getMessage());
            for (String part : told) {
                assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
            }
            assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
        }

        @Test
        void anOpenDimensionWithItsInputAndTheRemedy() {
            refuses(dense(), Map.of(), "'batch'", "'x'", "--dim batch=VALUE");
        }

        @Test
        void anOpenDimensionWithoutAName() {
            OnnxFixture model = new OnnxFixture().input("x", "", "4").node("Relu", List.of("x"), List.of("y")).output("y");
            refuses(model, Map.of(), "--dim x.0=VALUE");
        }

        @Test
        void aDimensionThatTheModelDoesNotHave() {
            refuses(dense(), Map.of("batch", 1L, "length", 7L), "'length'", "it has batch");
        }

        @Test
        void aDimensionBelowOne() {
            refuses(dense(), Map.of("batch", 0L), "'batch' is 0");
        }

        @Test
        void anInputOfMoreThanTwoGibibytes() {
            refuses(dense(), Map.of("batch", 1L << 30), "the input 'x'", "2 GiB", "--dim");
        }

        @Test
        void anOperatorThatWritesMoreThanTwoGibibytes() {
            OnnxFixture table = new OnnxFixture().input("x", "50000", "1").input("z", "1", "50000")
                    .node("Add", List.of("x", "z"), List.of("y")).output("y");
            refuses(table, Map.of(), "(Add) writes 'y' of the shape [50000, 50000]", "2 GiB", "smaller shapes");
        }

        @Test
        void anUnknownOperator() {
            OnnxFixture model = new OnnxFixture().input("x", "1").node("Frobnicate", List.of("x"), List.of("y")).output("y");
            refuses(model, Map.of(), "'Frobnicate'", "unknown");
        }

        @Test
        void anInputOfStrings() {
            OnnxFixture model =
                    new OnnxFixture().input("x", 8, "1").node("Identity", List.of("x"), List.of("y")).output("y");
            refuses(model, Map.of(), "'x'", "string");
        }

        @Test
        void anOperatorSetFromTheFuture() {
            OnnxFixture model =
                    new OnnxFixture().opset(999).input("x", "1").node("Relu", List.of("x"), List.of("y")).output("y");
            refuses(model, Map.of(), "opset of at most");
        }

        @Test
        void shapesThatDoNotFitEachOther() {
            OnnxFixture model = new OnnxFixture()
                    .input("x", "1", "length")
                    .initializer(OnnxFixture.floats("w", List.of(4L, 2L), 1, 2, 3, 4, 5, 6, 7, 8))
                    .node("MatMul", List.of("x", "w"), List.of("y"))
                    .output("y");
            refuses(model, Map.of("length", 5L), "length=5");
        }
    }

    @Test
    void bindsSymbolicDimensionsInEveryType() {
        PreparedModel model = prepare(dense(), Map.of("batch", 1L), Map.of());

        assertEquals("x:1x4", model.shapeKey());
        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 1, 4)), model.graph().type("x"));
        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 1, 2)), model.graph().type("y"));
    }

    @Test
    void letsTheUsersDimensionWinOverTheSources() {
        PreparedModel model = prepare(dense(), Map.of("batch", 1L), Map.of("batch", 3L));

        assertEquals(Map.of("batch", 3L), model.boundDimensions());
        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 3, 2)), model.graph().type("h"));
    }

    @Test
    void bindsDimensionsThatHaveNoName() {
        OnnxFixture model = new OnnxFixture().input("x", "-1", "", "4").node("Relu", List.of("x"), List.of("y")).output("y");

        PreparedModel prepared = prepare(model, Map.of(), Map.of("x.0", 2L, "x.1", 5L));

        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 2, 5, 4)), prepared.graph().type("y"));
    }

    @Test
    void bindsDimensionsThatHaveNoNameInAModelWithWeightsBesideIt() throws IOException {
        TensorProto.Builder weights = TensorProto.newBuilder()
                .setName("w")
                .setDataType(ElementType.FLOAT.onnxCode())
                .addDims(64)
                .addDims(64)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        weights.addExternalDataBuilder().setKey("location").setValue("w.bin");
        Files.write(folder.resolve("w.bin"), new byte[64 * 64 * Float.BYTES]);
        OnnxFixture model = new OnnxFixture()
                .input("x", "", "64")
                .initializer(weights.build())
                .node("MatMul", List.of("x", "w"), List.of("y"))
                .output("y");

        PreparedModel prepared = prepare(model, Map.of(), Map.of("x.0", 3L));

        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 3, 64)), prepared.graph().type("y"));
        assertEquals(64 * 64 * Float.BYTES, prepared.constants().constant("w").remaining());
    }

    @Test
    void preparesAgainWhenTheWeightsBesideTheModelChange() throws IOException {
        PreparedModel before = prepareWithWeight(1);
        PreparedModel after = prepareWithWeight(2, 3);

        assertNotEquals(before.optimizedModel(), after.optimizedModel());
        assertEquals(2, after.constants().constant("w").getFloat());
    }

    /** One float is used; those after it only change the file. */
    private PreparedModel prepareWithWeight(float... content) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(content.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : content) {
            bytes.putFloat(value);
        }
        Files.write(folder.resolve("w.bin"), bytes.array());
        TensorProto.Builder weight = TensorProto.newBuilder()
                .setName("w")
                .setDataType(ElementType.FLOAT.onnxCode())
                .addDims(1)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        weight.addExternalDataBuilder().setKey("location").setValue("w.bin");
        weight.addExternalDataBuilder().setKey("length").setValue("4");
        OnnxFixture model = new OnnxFixture()
                .input("x", "1")
                .initializer(weight.build())
                .node("Add", List.of("x", "w"), List.of("y"))
                .output("y");
        return prepare(model, Map.of(), Map.of());
    }

    @Test
    void keepsAnOutputThatFoldsIntoAConstant() {
        OnnxFixture model = new OnnxFixture()
                .input("x", "2")
                .initializer(OnnxFixture.floats("w", List.of(2L), -1, 5))
                .node("Relu", List.of("w"), List.of("constant"))
                .node("Relu", List.of("x"), List.of("y"))
                .output("constant")
                .output("y");

        PreparedModel prepared = prepare(model, Map.of(), Map.of());

        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 2)), prepared.graph().type("constant"));
        List<Integer> all = IntStream.range(0, prepared.graph().size()).boxed().toList();
        assertTrue(Files.isRegularFile(prepared.extract(all, List.of("x"), List.of("constant", "y"))));
    }

    @Test
    void leavesDataDependentDimensionsDynamic() {
        OnnxFixture model = new OnnxFixture().input("x", "2", "3").node("NonZero", List.of("x"), List.of("y")).output("y");

        assertEquals(
                Optional.of(TensorType.of(ElementType.INT64, 2, TensorType.DYNAMIC)),
                prepare(model, Map.of(), Map.of()).graph().type("y"));
    }

    @Test
    void tellsAScalarFromAnUnknownRank() {
        AttributeProto dropDimensions = AttributeProto.newBuilder()
                .setName("keepdims")
                .setType(AttributeProto.AttributeType.INT)
                .setI(0)
                .build();
        OnnxFixture model = new OnnxFixture()
                .input("flag", ElementType.BOOL.onnxCode())
                .input("x", "2", "3")
                .node("ReduceMax", List.of("x"), List.of("scalar"), dropDimensions)
                .node("If", List.of("flag"), List.of("either"),
                        OnnxFixture.body("then_branch", new OnnxFixture()
                                .node("Neg", List.of("x"), List.of("flat"))
                                .output("flat")),
                        OnnxFixture.body("else_branch", new OnnxFixture()
                                .node("Neg", List.of("scalar"), List.of("point"))
                                .output("point")))
                .node("Neg", List.of("either"), List.of("y"))
                .output("y");

        PreparedModel prepared = prepare(model, Map.of(), Map.of());

        assertEquals(Optional.of(TensorType.of(ElementType.FLOAT)), prepared.graph().type("scalar"));
        assertEquals(Optional.empty(), prepared.graph().type("either"));
    }

    @Nested
    class SubGraphsAsModels {
        private PreparedModel model;
        private int conditional;

        @BeforeEach
        void prepareAnIf() {
            model = prepare(new OnnxFixture()
                    .input("flag", ElementType.BOOL.onnxCode())
                    .input("x", "4", "4")
                    .initializer(OnnxFixture.floats("w", List.of(4L, 4L), new float[16]))
                    .node("Relu", List.of("x"), List.of("outer"))
                    .node("If", List.of("flag"), List.of("y"),
                            OnnxFixture.body("then_branch", new OnnxFixture()
                                    .node("MatMul", List.of("outer", "w"), List.of("product"))
                                    .node("Tanh", List.of("product"), List.of("then_result"))
                                    .output("then_result")),
                            OnnxFixture.body("else_branch", new OnnxFixture()
                                    .node("Constant", List.of(), List.of("else_result"), constant())
                                    .output("else_result")))
                    .node("Neg", List.of("y"), List.of("z"))
                    .output("z"), Map.of(), Map.of());
            conditional = model.graph().nodes().stream().filter(node -> node.is("If")).findFirst().orElseThrow().index();
        }

        private static AttributeProto constant() {
            return AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
                    .setT(OnnxFixture.floats("", List.of(4L, 4L), new float[16])).build();
        }

        @Test
        void readOuterTensorsAsInputsAndOuterConstantsAsTheirOwn() {
            PreparedModel body = model.body(conditional, "then_branch").orElseThrow();

            assertEquals(List.of("outer"), body.graph().inputs());
            assertTrue(body.graph().isInitializer("w"));
            assertEquals(Optional.of(TensorType.of(ElementType.FLOAT, 4, 4)), body.graph().type(body.graph().outputs().get(0)));
        }

        @Test
        void writeTheirResultsByAnOperatorAlsoWhereOnlyAConstantIsLeftOfThem() {
            PreparedModel body = model.body(conditional, "else_branch").orElseThrow();

            assertTrue(body.graph().producer(body.graph().outputs().get(0)).isPresent());
        }

        @Test
        void areAbsentWhereTheOperatorHoldsNone() {
            assertEquals(Optional.empty(), model.body(conditional, "body"));
            assertEquals(Optional.empty(), model.body(0, "then_branch"));
        }
    }

    @Test
    void doesNotWorkTwice() throws IOException {
        Path first = prepare(dense(), Map.of(), Map.of("batch", 1L)).optimizedModel();
        Object before = Files.readAttributes(first, "fileKey,lastModifiedTime");

        Path second = prepare(dense(), Map.of(), Map.of("batch", 1L)).optimizedModel();

        assertEquals(first, second);
        assertEquals(before, Files.readAttributes(second, "fileKey,lastModifiedTime"));
    }

    @Test
    void keepsOtherShapesApart() {
        assertNotEquals(
                prepare(dense(), Map.of(), Map.of("batch", 1L)).optimizedModel(),
                prepare(dense(), Map.of(), Map.of("batch", 2L)).optimizedModel());
    }

    @Test
    void preparesOnceWhenSeveralAskAtOnce() throws Exception {
        dense().write(folder.resolve("model.onnx"));
        ModelSource source = new ModelSource("model", folder.resolve("model.onnx"), Map.of("batch", 1L));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<PreparedModel>> asked = Stream.generate(
                            () -> threads.submit(() -> ModelPreparation.prepare(source, Map.of(), folder.resolve("cache"))))
                    .limit(8)
                    .toList();
            for (Future<PreparedModel> prepared : asked) {
                assertEquals(asked.get(0).get().optimizedModel(), prepared.get().optimizedModel());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
