package io.parallaxfleet.streambench;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.AggregateFunction;

/** Quantiles for SQL, by the job's own sketch and with a serialiser as tight as the job's. Nulls are left out. */
@FunctionHint(
        accumulator = @DataTypeHint(value = "RAW", bridgedTo = LatencySketch.class, rawSerializer = SketchFunction.Serializer.class),
        output = @DataTypeHint("ROW<p50 DOUBLE, p90 DOUBLE, p99 DOUBLE>"))
public final class SketchFunction extends AggregateFunction<org.apache.flink.types.Row, LatencySketch> {
    private static final long serialVersionUID = 1L;

    @Override
    public LatencySketch createAccumulator() {
        return new LatencySketch();
    }

    public void accumulate(LatencySketch sketch, Long latencyNanos) {
        if (latencyNanos != null) {
            sketch.add(latencyNanos);
        }
    }

    public void merge(LatencySketch sketch, Iterable<LatencySketch> others) {
        others.forEach(sketch::merge);
    }

    @Override
    public org.apache.flink.types.Row getValue(LatencySketch sketch) {
        return sketch.count() == 0
                ? org.apache.flink.types.Row.of(0.0, 0.0, 0.0)
                : org.apache.flink.types.Row.of(sketch.quantile(0.5), sketch.quantile(0.9), sketch.quantile(0.99));
    }

    /** A length, then the sketch's own bytes. */
    public static final class Serializer extends TypeSerializerSingleton<LatencySketch> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean isImmutableType() {
            return false;
        }

        @Override
        public LatencySketch createInstance() {
            return new LatencySketch();
        }

        @Override
        public LatencySketch copy(LatencySketch from) {
            return from.copy();
        }

        @Override
        public LatencySketch copy(LatencySketch from, LatencySketch reuse) {
            return from.copy();
        }

        @Override
        public int getLength() {
            return -1;
        }

        @Override
        public void serialize(LatencySketch sketch, DataOutputView target) throws IOException {
            byte[] bytes = sketch.toBytes();
            target.writeInt(bytes.length);
            target.write(bytes);
        }

        @Override
        public LatencySketch deserialize(DataInputView source) throws IOException {
            byte[] bytes = new byte[source.readInt()];
            source.readFully(bytes);
            return LatencySketch.fromBytes(bytes);
        }

        @Override
        public LatencySketch deserialize(LatencySketch reuse, DataInputView source) throws IOException {
            return deserialize(source);
        }

        @Override
        public void copy(DataInputView source, DataOutputView target) throws IOException {
            int length = source.readInt();
            target.writeInt(length);
            target.write(source, length);
        }

        @Override
        public TypeSerializerSnapshot<LatencySketch> snapshotConfiguration() {
            return new Snapshot();
        }

        /** There is one form. */
        public static final class Snapshot extends SimpleTypeSerializerSnapshot<LatencySketch> {
            public Snapshot() {
                super(Serializer::new);
            }
        }
    }
}
