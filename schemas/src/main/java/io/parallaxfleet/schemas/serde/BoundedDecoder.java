package io.parallaxfleet.schemas.serde;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.InvalidNumberEncodingException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Reads Avro binary from an array and believes no length or count that is larger than the bytes left. Avro's own decoder
 * allocates what a record claims before it looks whether the bytes are there, so that twenty bytes from anyone could fill the
 * heap of a long-running job. Every array item must take at least one byte, which holds for all schemas of the topics. Not
 * thread-safe.
 */
final class BoundedDecoder extends Decoder {
    private final byte[] bytes;
    private final int end;
    private int position;

    BoundedDecoder(byte[] bytes, int start) {
        this.bytes = bytes;
        this.position = start;
        this.end = bytes.length;
    }

    /** Whether everything has been read. */
    boolean isEnd() {
        return position == end;
    }

    @Override
    public void readNull() {
        // Takes no bytes.
    }

    @Override
    public boolean readBoolean() throws IOException {
        return nextByte() == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw new InvalidNumberEncodingException("the number " + value + " is too large for an int");
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long zigzag = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = nextByte();
            zigzag |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw new InvalidNumberEncodingException("a number has more than ten bytes");
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(littleEndian(Double.BYTES));
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        int length = length();
        byte[] copy = new byte[length];
        readFixed(copy, 0, length);
        return new Utf8(copy);
    }

    @Override
    public String readString() throws IOException {
        int length = length();
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    @Override
    public void skipString() throws IOException {
        skipFixed(length());
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        byte[] copy = new byte[length()];
        readFixed(copy, 0, copy.length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        skipFixed(length());
    }

    @Override
    public void readFixed(byte[] into, int start, int length) throws IOException {
        require(length);
        System.arraycopy(bytes, position, into, start, length);
        position += length;
    }

    @Override
    public void skipFixed(int length) throws IOException {
        require(length);
        position += length;
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return itemCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return itemCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipBlocks();
    }

    @Override
    public long readMapStart() throws IOException {
        return itemCount();
    }

    @Override
    public long mapNext() throws IOException {
        return itemCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipBlocks();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    /** Items of the next block; a negative count is followed by the block's length in bytes. */
    private long itemCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            readLong();
            count = -count;
        }
        if (count < 0 || count > end - position) {
            throw new AvroRuntimeException("a list claims " + count + " items where " + (end - position) + " bytes are left");
        }
        return count;
    }

    /** Skips blocks whose length is given; the count of the first whose length is not, or 0 at the end of the list. */
    private long skipBlocks() throws IOException {
        long count = readLong();
        while (count < 0) {
            skipFixed(length());
            count = readLong();
        }
        if (count > end - position) {
            throw new AvroRuntimeException("a list claims " + count + " items where " + (end - position) + " bytes are left");
        }
        return count;
    }

    private int length() throws IOException {
        long length = readLong();
        if (length < 0 || length > end - position) {
            throw new AvroRuntimeException("a value claims " + length + " bytes where " + (end - position) + " are left");
        }
        return (int) length;
    }

    private long littleEndian(int size) throws IOException {
        require(size);
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << Byte.SIZE | (bytes[position + i] & 0xffL);
        }
        position += size;
        return value;
    }

    private byte nextByte() throws IOException {
        require(1);
        return bytes[position++];
    }

    private void require(int length) throws IOException {
        if (length > end - position) {
            throw new EOFException("the record ends too early");
        }
    }
}
