package io.parallaxfleet.operators.aggregate.flink;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.aggregate.KeyedAccumulatorCodec;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.LatencyWindow;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Turns a closed window into its record; a short one also into what long ones are merged from and rollouts are judged by. */
public final class PublishWindowFunction extends ProcessWindowFunction<Accumulator, ClassAggregate, AggregateKey, TimeWindow> {
    private static final long serialVersionUID = 1L;

    /** Whole, unexplored inferences only: exploration is not what an epoch asks for. */
    public static final OutputTag<LatencyWindow> LATENCIES =
            new OutputTag<>("latencies", TypeInformation.of(LatencyWindow.class));

    /** The sums of short windows. */
    public static final OutputTag<KeyedAccumulator> SUMS = new OutputTag<>("sums",
            new CodecTypeInformation<>(KeyedAccumulator.class, new KeyedAccumulatorCodec()));

    private final boolean rollup;

    /** @param rollup whether these are the long windows */
    public PublishWindowFunction(boolean rollup) {
        this.rollup = rollup;
    }

    @Override
    public void process(AggregateKey key, Context context, Iterable<Accumulator> elements, Collector<ClassAggregate> out) {
        for (Accumulator window : elements) {
            out.collect(window.result(key, context.window().getStart(), context.window().getEnd(), rollup));
            if (!rollup) {
                handOn(key, window, context);
            }
        }
    }

    private static LatencyWindow.Energy energy(Accumulator window) {
        return window.energyCount() == 0 ? null
                : new LatencyWindow.Energy(window.energySource(), window.energyCount(), window.energyMicrojoulesMean());
    }

    private static void handOn(AggregateKey key, Accumulator window, Context context) {
        context.output(SUMS, new KeyedAccumulator(key, window));
        if (key.whole() && !key.explored() && window.count() > 0) {
            context.output(LATENCIES, new LatencyWindow(key.classKey(), key.model(), key.policyEpoch(),
                    window.latency().toBytes(), context.window().getEnd(), energy(window)));
        }
    }
}
