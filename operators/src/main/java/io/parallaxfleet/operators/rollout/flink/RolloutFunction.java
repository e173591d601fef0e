package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.rollout.ClassRollout;
import io.parallaxfleet.operators.rollout.Emission;
import io.parallaxfleet.operators.rollout.Freeze;
import io.parallaxfleet.operators.rollout.RolloutOptions;
import io.parallaxfleet.operators.rollout.RolloutState;
import io.parallaxfleet.operators.rollout.RolloutStateCodec;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@link ClassRollout} per class; events go out, thresholds to a side output. What is for the whole fleet is broadcast to it: a
 * freeze of the job's is seen with a class's next input, what a person asks is answered at once by every class.
 */
public final class RolloutFunction extends KeyedBroadcastProcessFunction<ClassKey, RolloutInput, FleetNotice, RolloutEvent> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(RolloutFunction.class);
    private static final String NEWEST = "newest";

    public static final OutputTag<ThresholdUpdate> THRESHOLDS =
            new OutputTag<>("thresholds", new AvroTypeInfo<>(ThresholdUpdate.class));

    public static final MapStateDescriptor<String, Freeze> FREEZES =
            new MapStateDescriptor<>("freezes", Types.STRING, TypeInformation.of(Freeze.class));

    public static final MapStateDescriptor<String, RolloutCommand> FLEET_COMMANDS =
            new MapStateDescriptor<>("fleet-commands", Types.STRING, new AvroTypeInfo<>(RolloutCommand.class));

    private final RolloutOptions options;
    private final String issuer;
    private final Map<ClassKey, List<ThresholdUpdate>> published;

    private transient ClassRollout rollout;
    private transient ValueState<RolloutState> states;

    /**
     * @param published the newest updates of each class when the job was started, what all run before what a share tries, so that no
     *     epoch is given out twice
     */
    public RolloutFunction(RolloutOptions options, String issuer, Map<ClassKey, List<ThresholdUpdate>> published) {
        this.options = options;
        this.issuer = issuer;
        this.published = new HashMap<>(published);
    }

    @Override
    public void open(OpenContext context) {
        rollout = new ClassRollout(options, issuer);
        states = getRuntimeContext().getState(states());
    }

    private static ValueStateDescriptor<RolloutState> states() {
        return new ValueStateDescriptor<>("rollout", new CodecTypeInformation<>(RolloutState.class, new RolloutStateCodec()));
    }

    @Override
    public void processElement(RolloutInput input, ReadOnlyContext context, Collector<RolloutEvent> out) throws Exception {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        ClassKey key = context.getCurrentKey();
        Consumer<ThresholdUpdate> thresholds = update -> context.output(THRESHOLDS, update);
        RolloutState state = states.value();
        Freeze freeze = context.getBroadcastState(FREEZES).get(NEWEST);
        if (state == null) {
            // A freeze of another time is no concern of a class that had no part in it.
            boolean recent = freeze != null && now.toEpochMilli() - freeze.atMillis() < options.freezeWithin().toMillis();
            freeze = recent ? freeze : null;
            state = new RolloutState();
            for (ThresholdUpdate update : published.getOrDefault(key, List.of())) {
                emit(rollout.onUpdate(state, key, update, now), key, thresholds, out);
            }
            RolloutCommand command = context.getBroadcastState(FLEET_COMMANDS).get(NEWEST);
            if (command != null) {
                emit(rollout.onEarlierFleetCommand(state, key, command, now), key, thresholds, out);
            }
        }
        if (freeze != null) {
            emit(rollout.onFreeze(state, key, freeze, now), key, thresholds, out);
        }
        emit(react(state, key, input, now), key, thresholds, out);
        states.update(state);
        Optional<Instant> asksAt = rollout.asksAt(state);
        // The same time for as long as the stage lasts, and so one timer.
        asksAt.ifPresent(at -> context.timerService().registerProcessingTimeTimer(
                Math.max(at.toEpochMilli(), now.toEpochMilli() + 1)));
    }

    private List<Emission> react(RolloutState state, ClassKey key, RolloutInput input, Instant now) {
        if (input.fit() != null) {
            List<Emission> emissions = new ArrayList<>(rollout.onDrift(state, input.fit(), now));
            emissions.addAll(rollout.onFit(state, input.fit(), now));
            return emissions;
        }
        if (input.window() != null) {
            return rollout.onWindow(state, input.window(), now);
        }
        if (input.look() != null) {
            return rollout.onLook(state, input.look(), now);
        }
        if (input.update() != null) {
            return rollout.onUpdate(state, key, input.update(), now);
        }
        if (input.command() != null) {
            return rollout.onCommand(state, key, input.command(), now);
        }
        rollout.onAck(state, input.ack());
        return List.of();
    }

    @Override
    public void processBroadcastElement(FleetNotice notice, Context context, Collector<RolloutEvent> out) throws Exception {
        if (notice.freeze() != null) {
            context.getBroadcastState(FREEZES).put(NEWEST, notice.freeze());
            return;
        }
        context.getBroadcastState(FLEET_COMMANDS).put(NEWEST, notice.command());
        Instant now = Instant.ofEpochMilli(context.currentProcessingTime());
        context.applyToKeyedState(states(), (key, ofClass) -> {
            RolloutState state = ofClass.value();
            emit(rollout.onCommand(state, key, notice.command(), now), key, update -> context.output(THRESHOLDS, update), out);
            ofClass.update(state);
        });
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<RolloutEvent> out) throws Exception {
        RolloutState state = states.value();
        if (state == null) {
            return;
        }
        emit(rollout.onTime(state, context.getCurrentKey(), Instant.ofEpochMilli(timestamp)), context.getCurrentKey(),
                update -> context.output(THRESHOLDS, update), out);
        states.update(state);
        rollout.asksAt(state).ifPresent(at -> context.timerService().registerProcessingTimeTimer(
                Math.max(at.toEpochMilli(), timestamp + 1)));
    }

    private static void emit(List<Emission> emissions, ClassKey key, Consumer<ThresholdUpdate> published,
            Collector<RolloutEvent> out) {
        for (Emission emission : emissions) {
            if (emission instanceof Emission.Thresholds thresholds) {
                published.accept(thresholds.update());
            } else {
                RolloutEvent event = ((Emission.Event) emission).event();
                LOG.info("{}: epoch {} {}: {}", key, event.getEpoch(), event.getDecision(), event.getReason());
                out.collect(event);
            }
        }
    }
}
