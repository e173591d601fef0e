package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.Freeze;
import io.parallaxfleet.operators.rollout.staged.FleetFreeze;
import io.parallaxfleet.operators.rollout.staged.FleetFreezeCodec;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Runs {@link FleetFreeze} over the rollbacks that this job published itself, read back from the topic: the classes that rolled back
 * are tasks that do not know of one another. Keyed by nothing in particular, so that all of them meet.
 */
public final class FleetFreezeFunction extends KeyedProcessFunction<String, RolloutEvent, Freeze> {
    private static final long serialVersionUID = 1L;

    private final int classes;
    private final Duration within;
    private transient ValueState<FleetFreeze> freezes;

    public FleetFreezeFunction(int classes, Duration within) {
        this.classes = classes;
        this.within = within;
    }

    /** The key under which all classes meet. */
    public static String fleet(RolloutEvent event) {
        return "fleet";
    }

    @Override
    public void open(OpenContext context) {
        freezes = getRuntimeContext().getState(new ValueStateDescriptor<>("rollbacks",
                new CodecTypeInformation<>(FleetFreeze.class, new FleetFreezeCodec())));
    }

    @Override
    public void processElement(RolloutEvent event, Context context, Collector<Freeze> out) throws Exception {
        if (event.getDecision() != RolloutDecision.ROLLBACK) {
            return;
        }
        FleetFreeze freeze = freezes.value() == null ? new FleetFreeze() : freezes.value();
        Optional<Freeze> frozen =
                freeze.onRollback(event.getDeviceClass(), event.getTimestamp(), classes, within).map(regressed -> new Freeze(
                        event.getTimestamp().toEpochMilli(), "classes " + String.join(", ", regressed)
                                + " were rolled back within " + within + ": one cause is likely, and no rollout goes further until a "
                                + "person releases its class"));
        freezes.update(freeze);
        frozen.ifPresent(out::collect);
    }
}
