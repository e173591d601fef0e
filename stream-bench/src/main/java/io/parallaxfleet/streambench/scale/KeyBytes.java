package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AccumulatorCodec;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.AggregateKeyCodec;
import io.parallaxfleet.operators.aggregate.flink.AccumulateFunction;
import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.ingest.Session;
import io.parallaxfleet.operators.ingest.SessionCodec;
import io.parallaxfleet.operators.ingest.flink.IngestOperator;
import io.parallaxfleet.operators.rollout.flink.DeviceLedgerOperator;
import io.parallaxfleet.operators.rollout.staged.DeviceLedger;
import io.parallaxfleet.operators.rollout.staged.DeviceLedgerCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.accumulators.LongMaximum;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.api.functions.WindowReaderFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * How many keys one state has and how large an entry is, key included: every entry of a canonical savepoint is read and written again
 * by its own codec.
 *
 * @param largest entry, bytes
 */
record KeyBytes(long keys, long bytes, long largest) {
    private static final long WINDOW_BYTES = 2 * Long.BYTES;
    private static final long TTL_BYTES = Long.BYTES;

    double mean() {
        return keys == 0 ? 0 : (double) bytes / keys;
    }

    static KeyBytes ofSessions(Path savepoint) throws Exception {
        return count(reader(savepoint).readKeyedState(OperatorIdentifier.forUid("plan-join"),
                new Entries<>(IngestOperator.sessions(), new SessionCodec(), TTL_BYTES), Types.STRING, Types.LONG));
    }

    static KeyBytes ofLedgers(Path savepoint) throws Exception {
        return count(reader(savepoint).readKeyedState(OperatorIdentifier.forUid("device-ledgers"),
                new Entries<>(DeviceLedgerOperator.ledgers(), new DeviceLedgerCodec(), 0), Types.STRING, Types.LONG));
    }

    /** @param uid of the short windows or the long ones */
    static KeyBytes ofWindows(Path savepoint, String uid, Duration length) throws Exception {
        return count(reader(savepoint).window(TumblingEventTimeWindows.of(length)).aggregate(uid, new AccumulateFunction(), new Windows(),
                new CodecTypeInformation<>(AggregateKey.class, new AggregateKeyCodec()),
                new CodecTypeInformation<>(Accumulator.class, new AccumulatorCodec()), Types.LONG));
    }

    private static SavepointReader reader(Path savepoint) throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        return SavepointReader.read(StreamExecutionEnvironment.createLocalEnvironment(2, configuration), savepoint.toUri().toString());
    }

    private static KeyBytes count(DataStream<Long> sizes) throws Exception {
        sizes.map(new Count()).returns(Types.LONG).sinkTo(new DiscardingSink<>());
        JobExecutionResult result = sizes.getExecutionEnvironment().execute();
        Long keys = result.getAccumulatorResult(Count.KEYS);
        Long bytes = result.getAccumulatorResult(Count.BYTES);
        Long largest = result.getAccumulatorResult(Count.LARGEST);
        return new KeyBytes(keys, bytes, Math.max(0, largest));
    }

    private static <T> long sizeOf(BinaryCodec<T> codec, T value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.write(value, new DataOutputStream(bytes));
        return bytes.size();
    }

    /** The sizes of the entries of a value state that is keyed by strings. */
    private static final class Entries<T> extends KeyedStateReaderFunction<String, Long> {
        private static final long serialVersionUID = 1L;

        private final ValueStateDescriptor<T> descriptor;
        private final BinaryCodec<T> codec;
        private final long more;
        private transient ValueState<T> state;

        Entries(ValueStateDescriptor<T> descriptor, BinaryCodec<T> codec, long more) {
            this.descriptor = descriptor;
            this.codec = codec;
            this.more = more;
        }

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(descriptor);
        }

        @Override
        public void readKey(String key, Context context, Collector<Long> out) throws Exception {
            out.collect(key.getBytes(StandardCharsets.UTF_8).length + sizeOf(codec, state.value()) + more);
        }
    }

    private static final class Windows extends WindowReaderFunction<Accumulator, Long, AggregateKey, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void readWindow(AggregateKey key, Context<TimeWindow> context, Iterable<Accumulator> elements, Collector<Long> out)
                throws IOException {
            for (Accumulator window : elements) {
                out.collect(sizeOf(new AggregateKeyCodec(), key) + WINDOW_BYTES + sizeOf(new AccumulatorCodec(), window));
            }
        }
    }

    private static final class Count extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;
        private static final String KEYS = "keys";
        private static final String BYTES = "bytes";
        private static final String LARGEST = "largest";

        private final LongCounter keys = new LongCounter();
        private final LongCounter bytes = new LongCounter();
        private final LongMaximum largest = new LongMaximum();

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator(KEYS, keys);
            getRuntimeContext().addAccumulator(BYTES, bytes);
            getRuntimeContext().addAccumulator(LARGEST, largest);
        }

        @Override
        public Long map(Long size) {
            keys.add(1);
            bytes.add(size);
            largest.add(size);
            return size;
        }
    }
}
