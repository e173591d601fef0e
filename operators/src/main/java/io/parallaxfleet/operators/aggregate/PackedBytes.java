package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Bytes that grow as numbers are put behind them, and go out in one piece: a stream takes a call down its layers for every byte, and
 * the library's own stream to memory a lock. What is written reads as {@link java.io.DataInput} has it. Not thread-safe.
 */
final class PackedBytes {
    private static final int LONGEST_VARIABLE = 10;
    private static final int LONGEST_CHARACTER = 3;

    private byte[] bytes;
    private int size;

    PackedBytes(int capacity) {
        bytes = new byte[capacity];
    }

    void putByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void putLong(long value) {
        room(Long.BYTES);
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    void putDouble(double value) {
        putLong(Double.doubleToLongBits(value));
    }

    /** As {@link VariableLength} reads it. */
    void putVariable(long value) {
        room(LONGEST_VARIABLE);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    void put(byte[] values) {
        room(values.length);
        System.arraycopy(values, 0, bytes, size, values.length);
        size += values.length;
    }

    /** A short text in the form of {@link DataOutput#writeUTF}. */
    void putText(String text) {
        room(Short.BYTES);
        int start = size;
        size += Short.BYTES;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            room(LONGEST_CHARACTER);
            if (c >= 1 && c <= 0x7f) {
                bytes[size++] = (byte) c;
            } else if (c <= 0x7ff) {
                bytes[size++] = (byte) (0xc0 | c >> 6);
                bytes[size++] = (byte) (0x80 | c & 0x3f);
            } else {
                bytes[size++] = (byte) (0xe0 | c >> 12);
                bytes[size++] = (byte) (0x80 | c >> 6 & 0x3f);
                bytes[size++] = (byte) (0x80 | c & 0x3f);
            }
        }
        int length = size - start - Short.BYTES;
        bytes[start] = (byte) (length >>> Byte.SIZE);
        bytes[start + 1] = (byte) length;
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }

    void writeTo(DataOutput out) throws IOException {
        out.write(bytes, 0, size);
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
