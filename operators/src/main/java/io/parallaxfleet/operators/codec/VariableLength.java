package io.parallaxfleet.operators.codec;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Numbers that are small most of the time, seven bits a byte, the lowest first. */
public final class VariableLength {
    private VariableLength() {}

    public static void write(long value, DataOutput out) throws IOException {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    public static long read(DataInput in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = in.readByte();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw new IOException("a number has more than ten bytes");
    }
}
