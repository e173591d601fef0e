package io.parallaxfleet.operators.decode;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Version 3: highest, first, missing, then how many numbers of the window are not as in a session that lost nothing, and by how much
 * each is below the highest; where these take more than the window's words, the words. Most sessions of a big fleet lose nothing, and
 * take 6 bytes. Version 2 had the words always; version 1 had no first either and counted nothing as missing.
 */
public final class SequenceWindowCodec implements BinaryCodec<SequenceWindow> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 3;
    private static final int WORDS = SequenceWindow.SPAN / Long.SIZE;
    /** Two bytes each, they take less than the words. */
    private static final int MAX_EXCEPTIONS = WORDS * Long.BYTES / 2 - 1;
    private static final int ALL_WORDS = 255;

    @Override
    public void write(SequenceWindow window, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        VariableLength.write(window.highest() + 1, out);
        VariableLength.write(window.first() + 1, out);
        VariableLength.write(window.missing(), out);
        int[] exceptions = window.exceptions();
        if (exceptions.length > MAX_EXCEPTIONS) {
            out.writeByte(ALL_WORDS);
            for (long word : window.words()) {
                out.writeLong(word);
            }
            return;
        }
        out.writeByte(exceptions.length);
        for (int below : exceptions) {
            out.writeShort(below);
        }
    }

    @Override
    public SequenceWindow read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "sequence window");
        if (version < 3) {
            long highest = in.readLong();
            long first = version == 1 ? highest : in.readLong();
            long missing = version == 1 ? 0 : in.readLong();
            return new SequenceWindow(highest, readWords(in), first, missing);
        }
        long highest = VariableLength.read(in) - 1;
        long first = VariableLength.read(in) - 1;
        long missing = VariableLength.read(in);
        int exceptions = in.readUnsignedByte();
        if (exceptions == ALL_WORDS) {
            return new SequenceWindow(highest, readWords(in), first, missing);
        }
        int[] below = new int[exceptions];
        for (int i = 0; i < exceptions; i++) {
            below[i] = in.readUnsignedShort();
        }
        return SequenceWindow.of(highest, first, missing, below);
    }

    private static long[] readWords(DataInput in) throws IOException {
        long[] words = new long[WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readLong();
        }
        return words;
    }
}
