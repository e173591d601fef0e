package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.codec.VariableLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PackedBytesTest {
    // The smallest, so that everything makes it grow.
    private final PackedBytes bytes = new PackedBytes(1);

    @Test
    void areWhatADataOutputWouldHaveWritten() throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(expected);
        String text = "rapl+\u0000\u00e9\u4e2d\ud83d\ude00";
        out.writeByte(200);
        out.writeLong(-2);
        out.writeDouble(Math.PI);
        out.write(new byte[] {1, 2, 3});
        out.writeUTF(text);

        bytes.putByte(200);
        bytes.putLong(-2);
        bytes.putDouble(Math.PI);
        bytes.put(new byte[] {1, 2, 3});
        bytes.putText(text);

        assertArrayEquals(expected.toByteArray(), bytes.toArray());
    }

    @Test
    void holdNumbersOfEveryLength() throws IOException {
        for (int shift = 0; shift < Long.SIZE; shift++) {
            bytes.putVariable(1L << shift);
        }

        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toArray()));
        for (int shift = 0; shift < Long.SIZE; shift++) {
            assertEquals(1L << shift, VariableLength.read(in));
        }
    }
}
