package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Key, then accumulator, each with its own version. */
public final class KeyedAccumulatorCodec implements BinaryCodec<KeyedAccumulator> {
    private static final long serialVersionUID = 1L;
    private static final AggregateKeyCodec KEYS = new AggregateKeyCodec();
    private static final AccumulatorCodec ACCUMULATORS = new AccumulatorCodec();

    @Override
    public void write(KeyedAccumulator value, DataOutput out) throws IOException {
        KEYS.write(value.key(), out);
        ACCUMULATORS.write(value.accumulator(), out);
    }

    @Override
    public KeyedAccumulator read(DataInput in) throws IOException {
        return new KeyedAccumulator(KEYS.read(in), ACCUMULATORS.read(in));
    }
}
