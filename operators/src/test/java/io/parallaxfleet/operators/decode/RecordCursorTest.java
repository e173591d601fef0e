package io.parallaxfleet.operators.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class RecordCursorTest {
    private final RecordCursor cursor = new RecordCursor();

    @Test
    void readsNumbersOfEveryLengthAsAvroWroteThem() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 200; round++) {
            long[] values = random.longs(1 + random.nextInt(60)).map(value -> value >> random.nextInt(Long.SIZE)).toArray();
            byte[] bytes = encoded(values);
            long[] read = new long[values.length];

            cursor.start(bytes, 0, false);
            long all = cursor.numbers(values.length, read);

            assertArrayEquals(values, read);
            assertEquals(Arrays.stream(values).reduce(0, (a, b) -> a | b), all);
            assertTrue(cursor.atEnd());
            assertFalse(cursor.doubtful());
        }
    }

    @Test
    void doesNotReadANumberThatIsNotThere() throws IOException {
        byte[] bytes = encoded(1, 2_000_000);

        cursor.start(Arrays.copyOf(bytes, bytes.length - 1), 0, false);

        assertThrows(IndexOutOfBoundsException.class, () -> cursor.numbers(2, new long[2]));
    }

    @Test
    void doubtsANumberOfMoreThanTenBytes() {
        byte[] bytes = new byte[20];
        Arrays.fill(bytes, (byte) 0x80);

        cursor.start(bytes, 0, false);
        cursor.numbers(1, new long[1]);

        assertTrue(cursor.doubtful());
    }

    private static byte[] encoded(long... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        for (long value : values) {
            encoder.writeLong(value);
        }
        encoder.flush();
        return bytes.toByteArray();
    }
}
