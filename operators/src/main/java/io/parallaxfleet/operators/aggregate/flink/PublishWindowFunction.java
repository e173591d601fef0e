package io.parallaxfleet.operators.aggregate.flink;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.rollout.LatencyWindow;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Turns a closed window into its record, and into the mergeable sketch by which rollouts are judged. */
public final class PublishWindowFunction extends ProcessWindowFunction<Accumulator, ClassAggregate, AggregateKey, TimeWindow> {
    private static final long serialVersionUID = 1L;

    /** Whole, unexplored inferences only: exploration is not what an epoch asks for. */
    public static final OutputTag<LatencyWindow> LATENCIES =
            new OutputTag<>("latencies", TypeInformation.of(LatencyWindow.class));

    @Override
    public void process(AggregateKey key, Context context, Iterable<Accumulator> elements, Collector<ClassAggregate> out) {
        for (Accumulator window : elements) {
            out.collect(window.result(key, context.window().getStart(), context.window().getEnd()));
            if (key.whole() && !key.explored() && window.count() > 0) {
                context.output(LATENCIES, new LatencyWindow(key.classKey(), key.model(), key.policyEpoch(),
                        window.latency().toBytes(), context.window().getEnd()));
            }
        }
    }
}
