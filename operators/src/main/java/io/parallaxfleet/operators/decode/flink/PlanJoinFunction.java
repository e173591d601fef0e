package io.parallaxfleet.operators.decode.flink;

import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.DeviceInferenceCodec;
import io.parallaxfleet.operators.aggregate.Measurement;
import io.parallaxfleet.operators.aggregate.Measurements;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.decode.SequenceWindow;
import io.parallaxfleet.operators.decode.SequenceWindowCodec;
import io.parallaxfleet.operators.fit.CostObservation;
import io.parallaxfleet.operators.fit.DelegationContrast;
import io.parallaxfleet.operators.fit.DelegationContrastCodec;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Drops duplicates and reads each record with the plan it names. Keyed by agent session. Whole inferences pass at once; the branches
 * of a record whose plan has not come yet wait, and go out with the session's next record after it came, in that record's
 * window: their own may be closed by then.
 */
public final class PlanJoinFunction
        extends KeyedBroadcastProcessFunction<String, InferenceTelemetry, PlanProfile, Measurement> {
    private static final long serialVersionUID = 1L;

    /** What the cost model learns from. */
    public static final OutputTag<CostObservation> COSTS =
            new OutputTag<>("costs", TypeInformation.of(CostObservation.class));

    /** Every distinct inference, for who compares devices. */
    public static final OutputTag<DeviceInference> INFERENCES = new OutputTag<>("inferences",
            new CodecTypeInformation<>(DeviceInference.class, new DeviceInferenceCodec()));

    public static final MapStateDescriptor<String, PlanProfile> PLANS =
            new MapStateDescriptor<>("plans", BasicTypeInfo.STRING_TYPE_INFO, new AvroTypeInfo<>(PlanProfile.class));

    /** Records of one session that wait for their plan; the oldest make room. */
    static final int MAX_WAITING = 64;

    // A spool is delivered again within hours; a session that was silent for longer is over.
    private static final Duration SESSION_MEMORY = Duration.ofHours(24);

    private final SampleSelection selection;

    private transient ValueState<SequenceWindow> seen;
    private transient ListState<InferenceTelemetry> waiting;
    private transient ValueState<DelegationContrast> contrasts;
    private transient Counter duplicates;
    private transient Counter waitingDropped;
    private transient Counter mismatches;

    public PlanJoinFunction(SampleSelection selection) {
        this.selection = selection;
    }

    /** The key: one start of one agent. */
    public static String sessionOf(InferenceTelemetry telemetry) {
        return telemetry.getDeviceId() + '/' + telemetry.getSessionId();
    }

    @Override
    public void open(OpenContext context) {
        StateTtlConfig ttl = StateTtlConfig.newBuilder(SESSION_MEMORY).build();
        ValueStateDescriptor<SequenceWindow> seenDescriptor = new ValueStateDescriptor<>("seen",
                new CodecTypeInformation<>(SequenceWindow.class, new SequenceWindowCodec()));
        seenDescriptor.enableTimeToLive(ttl);
        seen = getRuntimeContext().getState(seenDescriptor);
        ListStateDescriptor<InferenceTelemetry> waitingDescriptor =
                new ListStateDescriptor<>("waiting", new AvroTypeInfo<>(InferenceTelemetry.class));
        waitingDescriptor.enableTimeToLive(ttl);
        waiting = getRuntimeContext().getListState(waitingDescriptor);
        ValueStateDescriptor<DelegationContrast> contrastDescriptor = new ValueStateDescriptor<>("contrast",
                new CodecTypeInformation<>(DelegationContrast.class, new DelegationContrastCodec()));
        contrastDescriptor.enableTimeToLive(ttl);
        contrasts = getRuntimeContext().getState(contrastDescriptor);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        duplicates = metrics.counter("duplicateRecords");
        waitingDropped = metrics.counter("recordsDroppedWaitingForPlan");
        mismatches = metrics.counter("recordsNotMatchingPlan");
    }

    @Override
    public void processElement(InferenceTelemetry telemetry, ReadOnlyContext context, Collector<Measurement> out)
            throws Exception {
        SequenceWindow window = seen.value() == null ? new SequenceWindow() : seen.value();
        boolean fresh = window.admit(telemetry.getSequence()) == SequenceWindow.Admission.NEW;
        seen.update(window);
        if (!fresh) {
            duplicates.inc();
            return;
        }
        out.collect(Measurements.whole(telemetry));
        context.output(INFERENCES, Measurements.inference(telemetry));
        releaseWaiting(context, out);
        if (!Measurements.hasBranches(telemetry)) {
            return;
        }
        PlanProfile plan = context.getBroadcastState(PLANS).get(telemetry.getPlanId());
        if (plan == null) {
            await(telemetry);
        } else {
            emitBranches(telemetry, plan, context, out);
        }
    }

    @Override
    public void processBroadcastElement(PlanProfile plan, Context context, Collector<Measurement> out) throws Exception {
        context.getBroadcastState(PLANS).put(plan.getPlanId(), plan);
    }

    private void releaseWaiting(ReadOnlyContext context, Collector<Measurement> out) throws Exception {
        List<InferenceTelemetry> still = new ArrayList<>();
        boolean any = false;
        for (InferenceTelemetry earlier : waiting.get()) {
            any = true;
            PlanProfile plan = context.getBroadcastState(PLANS).get(earlier.getPlanId());
            if (plan == null) {
                still.add(earlier);
            } else {
                emitBranches(earlier, plan, context, out);
            }
        }
        if (any) {
            waiting.update(still);
        }
    }

    private void await(InferenceTelemetry telemetry) throws Exception {
        List<InferenceTelemetry> all = new ArrayList<>();
        waiting.get().forEach(all::add);
        all.add(telemetry);
        if (all.size() > MAX_WAITING) {
            all.remove(0);
            waitingDropped.inc();
        }
        waiting.update(all);
    }

    private void emitBranches(InferenceTelemetry telemetry, PlanProfile plan, ReadOnlyContext context,
            Collector<Measurement> out) throws Exception {
        Optional<String> mismatch = Measurements.mismatch(telemetry, plan);
        if (mismatch.isPresent()) {
            mismatches.inc();
            return;
        }
        Measurements.branches(telemetry, plan).forEach(out::collect);
        DelegationContrast contrast = contrasts.value() == null ? new DelegationContrast() : contrasts.value();
        context.output(COSTS, selection.observe(telemetry, plan, contrast));
        contrasts.update(contrast);
    }
}
