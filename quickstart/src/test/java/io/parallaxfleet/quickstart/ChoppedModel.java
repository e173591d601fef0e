package io.parallaxfleet.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A model that no accelerator is worth using for: matrix products of some 10⁵ MACs, which take a CPU microseconds, and after each an
 * operator that no accelerator of ours knows, so that every product is a candidate region alone and pays for a dispatch of its own.
 * Written as ONNX in protocol buffers by hand: this module has no library for either.
 */
final class ChoppedModel {
    private static final int PRODUCTS = 24;
    private static final int ROWS = 32;
    private static final int FLOAT = 1;

    private ChoppedModel() {}

    /** Writes {@code NAME.onnx}; the model is then called NAME. */
    static Path write(Path file) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        Message graph = new Message().text(2, "chopped");
        for (int i = 0; i < PRODUCTS; i++) {
            graph.message(1, node("MatMul", "product" + i, "x" + i, "w" + i));
            graph.message(1, node("Round", "x" + (i + 1), "product" + i));
        }
        for (int i = 0; i < PRODUCTS; i++) {
            graph.message(5, weights("w" + i, width(i), width(i + 1), random));
        }
        graph.message(11, tensorInfo("x0", ROWS, width(0))).message(12, tensorInfo("x" + PRODUCTS, ROWS, width(PRODUCTS)));
        Message model = new Message().number(1, 8).message(7, graph).message(8, new Message().text(1, "").number(2, 17));
        return Files.write(file, model.bytes());
    }

    // Different shapes, because a cost model needs distinct regions.
    private static int width(int i) {
        return 64 + 4 * (i % 5);
    }

    private static Message node(String type, String output, String... inputs) {
        Message node = new Message();
        for (String input : inputs) {
            node.text(1, input);
        }
        return node.text(2, output).text(4, type);
    }

    private static Message weights(String name, int rows, int columns, SplittableRandom random) {
        ByteBuffer values = ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            values.putFloat((float) (random.nextDouble() - 0.5));
        }
        return new Message().number(1, rows).number(1, columns).number(2, FLOAT).text(8, name).field(9, values.array());
    }

    private static Message tensorInfo(String name, int rows, int columns) {
        Message shape = new Message().message(1, new Message().number(1, rows)).message(1, new Message().number(1, columns));
        return new Message().text(1, name)
                .message(2, new Message().message(1, new Message().number(1, FLOAT).message(2, shape)));
    }

    /** The wire format: a field is its number and type as a varint, then a varint, or a length and as many bytes. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int LENGTH_DELIMITED = 2;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint(field << 3 | VARINT);
            varint(value);
            return this;
        }

        Message text(int field, String value) {
            return field(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return field(field, value.bytes());
        }

        Message field(int field, byte[] value) {
            varint(field << 3 | LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
