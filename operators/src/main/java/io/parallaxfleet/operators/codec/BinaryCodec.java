package io.parallaxfleet.operators.codec;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;

/**
 * The binary form of a value that lives in operator state. Every form starts with a version byte, so that a savepoint of an
 * older job can be read for as long as {@link #read} knows its version. Implementations are stateless and thread-safe.
 */
public interface BinaryCodec<T> extends Serializable {
    void write(T value, DataOutput out) throws IOException;

    /** @throws IOException also when the version is not known to this build; the message names both */
    T read(DataInput in) throws IOException;

    /** Reads the version byte and refuses what this build cannot read. */
    static int readVersion(DataInput in, int newest, String what) throws IOException {
        int version = in.readUnsignedByte();
        if (version < 1 || version > newest) {
            throw new IOException("the saved " + what + " has version " + version + ", this build reads 1.." + newest
                    + "; restore it with the build that wrote it");
        }
        return version;
    }

    static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] readBytes(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }
}
