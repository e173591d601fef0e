package io.parallaxfleet.operators.decode;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 2: highest, first, missing, then the words of the window. Version 1 had no first and counted nothing as missing. */
public final class SequenceWindowCodec implements BinaryCodec<SequenceWindow> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;

    @Override
    public void write(SequenceWindow window, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(window.highest());
        out.writeLong(window.first());
        out.writeLong(window.missing());
        for (long word : window.words()) {
            out.writeLong(word);
        }
    }

    @Override
    public SequenceWindow read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "sequence window");
        long highest = in.readLong();
        long first = version == 1 ? highest : in.readLong();
        long missing = version == 1 ? 0 : in.readLong();
        long[] words = new long[SequenceWindow.SPAN / Long.SIZE];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readLong();
        }
        return new SequenceWindow(highest, words, first, missing);
    }
}
