package io.parallaxfleet.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitializerDataTest {
    @TempDir
    Path folder;

    private ConstantSource constantsOf(TensorProto tensor) {
        OnnxFixture model = new OnnxFixture()
                .input("x", "1", "3")
                .initializer(tensor)
                .node("Relu", List.of("x"), List.of("y"))
                .output("y");
        return OnnxModel.read(model.write(folder.resolve("model.onnx"))).constants();
    }

    private static TensorProto external(String location, long offset, long length) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName("w")
                .setDataType(ElementType.FLOAT.onnxCode())
                .addDims(3)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        tensor.addExternalDataBuilder().setKey("location").setValue(location);
        tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(offset));
        tensor.addExternalDataBuilder().setKey("length").setValue(Long.toString(length));
        return tensor.build();
    }

    private static float[] floats(ByteBuffer content) {
        assertEquals(0, content.position());
        float[] values = new float[content.remaining() / Float.BYTES];
        content.asFloatBuffer().get(values);
        return values;
    }

    private void refuses(TensorProto tensor, String reason) {
        ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> constantsOf(tensor));
        assertTrue(refusal.getMessage().contains("model.onnx") && refusal.getMessage().contains(reason), refusal.getMessage());
    }

    @Test
    void readsRawData() {
        ConstantSource constants = constantsOf(OnnxFixture.floats("w", List.of(3L), 1.5f, -2, 3));

        assertArrayEquals(new float[] {1.5f, -2, 3}, floats(constants.constant("w")));
    }

    @Test
    void readsTypedFieldsOfSmallIntegersOneEntryAnElement() {
        ConstantSource constants = constantsOf(TensorProto.newBuilder()
                .setName("w")
                .setDataType(ElementType.INT8.onnxCode())
                .addDims(3)
                .addAllInt32Data(List.of(1, -2, 127))
                .build());

        byte[] content = new byte[3];
        constants.constant("w").get(content);
        assertArrayEquals(new byte[] {1, -2, 127}, content);
    }

    @Test
    void readsTypedLongs() {
        ConstantSource constants = constantsOf(TensorProto.newBuilder()
                .setName("w")
                .setDataType(ElementType.INT64.onnxCode())
                .addInt64Data(1L << 40)
                .build());

        assertEquals(1L << 40, constants.constant("w").getLong());
    }

    @Test
    void mapsDataBesideTheModel() throws IOException {
        ByteBuffer content = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putFloat(4, 7).putFloat(8, 8).putFloat(12, 9);
        Files.write(folder.resolve("w.bin"), content.array());

        assertArrayEquals(new float[] {7, 8, 9}, floats(constantsOf(external("w.bin", 4, 12)).constant("w")));
    }

    @Test
    void refusesWeightsThatAreMissing() {
        refuses(external("absent.bin", 0, 12), "absent.bin");
    }

    @Test
    void refusesWeightsThatAreTooShort() throws IOException {
        Files.write(folder.resolve("w.bin"), new byte[15]);
        refuses(external("w.bin", 4, 12), "does not hold");
    }

    @Test
    void refusesWeightsOutsideTheModelsFolder() {
        refuses(external("../../etc/passwd", 0, 12), "outside the model's folder");
        refuses(external("/etc/passwd", 0, 12), "outside the model's folder");
    }

    @Test
    void refusesContentThatDoesNotFitTheShape() {
        refuses(OnnxFixture.floats("w", List.of(4L), 1, 2, 3), "the initialiser 'w' has 12 bytes where its shape needs 16");
    }

    @Test
    void namesAnUnknownInitialiser() {
        ConstantSource constants = constantsOf(OnnxFixture.floats("w", List.of(1L), 1));

        assertTrue(assertThrows(IllegalArgumentException.class, () -> constants.constant("v")).getMessage().contains("'v'"));
    }
}
