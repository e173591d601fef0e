package io.parallaxfleet.operators.decode;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: highest, then the words of the window. */
public final class SequenceWindowCodec implements BinaryCodec<SequenceWindow> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(SequenceWindow window, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(window.highest());
        for (long word : window.words()) {
            out.writeLong(word);
        }
    }

    @Override
    public SequenceWindow read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "sequence window");
        long highest = in.readLong();
        long[] words = new long[SequenceWindow.SPAN / Long.SIZE];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readLong();
        }
        return new SequenceWindow(highest, words);
    }
}
