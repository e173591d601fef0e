package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.BeforeAfter;
import io.parallaxfleet.operators.rollout.ClassRollout;
import io.parallaxfleet.operators.rollout.Emission;
import io.parallaxfleet.operators.rollout.RolloutState;
import io.parallaxfleet.operators.rollout.RolloutStateCodec;
import io.parallaxfleet.operators.search.ThresholdSearch;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link ClassRollout} per class; events go out, thresholds to a side output. */
public final class RolloutFunction extends KeyedProcessFunction<ClassKey, RolloutInput, RolloutEvent> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(RolloutFunction.class);

    public static final OutputTag<ThresholdUpdate> THRESHOLDS =
            new OutputTag<>("thresholds", new AvroTypeInfo<>(ThresholdUpdate.class));

    private final double minImprovement;
    private final BeforeAfter judge;
    private final String issuer;
    private final Map<ClassKey, ThresholdUpdate> published;

    private transient ClassRollout rollout;
    private transient ValueState<RolloutState> states;

    /** @param published the newest update of each class when the job was started, so that no epoch is given out twice */
    public RolloutFunction(double minImprovement, BeforeAfter judge, String issuer, Map<ClassKey, ThresholdUpdate> published) {
        this.minImprovement = minImprovement;
        this.judge = judge;
        this.issuer = issuer;
        this.published = new HashMap<>(published);
    }

    @Override
    public void open(OpenContext context) {
        rollout = new ClassRollout(new ThresholdSearch(minImprovement), judge, issuer);
        states = getRuntimeContext().getState(new ValueStateDescriptor<>("rollout",
                new CodecTypeInformation<>(RolloutState.class, new RolloutStateCodec())));
    }

    @Override
    public void processElement(RolloutInput input, Context context, Collector<RolloutEvent> out) throws Exception {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        ClassKey key = context.getCurrentKey();
        RolloutState state = states.value();
        if (state == null) {
            state = new RolloutState();
            if (published.containsKey(key)) {
                emit(rollout.onUpdate(state, key, published.get(key), now), key, context, out);
            }
        }
        if (input.fit() != null) {
            emit(rollout.onDrift(state, input.fit(), now), key, context, out);
            emit(rollout.onFit(state, input.fit(), now), key, context, out);
        } else if (input.window() != null) {
            emit(rollout.onWindow(state, input.window(), now), key, context, out);
        } else if (input.update() != null) {
            emit(rollout.onUpdate(state, key, input.update(), now), key, context, out);
        } else {
            rollout.onAck(state, input.ack());
        }
        states.update(state);
    }

    private static void emit(List<Emission> emissions, ClassKey key, Context context, Collector<RolloutEvent> out) {
        for (Emission emission : emissions) {
            if (emission instanceof Emission.Thresholds thresholds) {
                context.output(THRESHOLDS, thresholds.update());
            } else {
                RolloutEvent event = ((Emission.Event) emission).event();
                LOG.info("{}: epoch {} {}: {}", key, event.getEpoch(), event.getDecision(), event.getReason());
                out.collect(event);
            }
        }
    }
}
