package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.DeviceInferenceCodec;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.RawInferenceCodec;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.operators.ingest.Ingest;
import io.parallaxfleet.operators.ingest.PlanShelf;
import io.parallaxfleet.operators.ingest.Session;
import io.parallaxfleet.operators.ingest.SessionCodec;
import io.parallaxfleet.operators.state.flink.WriteBehindState;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * {@link Ingest} over state. Keyed by agent session on its first input; the second brings every plan to every instance. Sums are
 * handed on before a watermark that closes their window, and all of them before a checkpoint's barrier, so that nothing that counts
 * is outside of state and channels when the barrier passes. An operator rather than a function, because a function is told of
 * neither in time.
 */
public final class IngestOperator extends AbstractStreamOperator<KeyedAccumulator>
        implements TwoInputStreamOperator<RawInference, PlanProfile, KeyedAccumulator> {
    private static final long serialVersionUID = 1L;

    /** What the cost model learns from. */
    public static final OutputTag<CostBatch> COSTS = new OutputTag<>("costs", TypeInformation.of(CostBatch.class));

    /** Every distinct inference, for who compares devices. */
    public static final OutputTag<DeviceInference> INFERENCES = new OutputTag<>("inferences",
            new CodecTypeInformation<>(DeviceInference.class, new DeviceInferenceCodec()));

    /** Records that came after their window was closed. */
    public static final OutputTag<RawInference> LATE =
            new OutputTag<>("late", new CodecTypeInformation<>(RawInference.class, new RawInferenceCodec()));

    private static final MapStateDescriptor<String, PlanProfile> PLANS =
            new MapStateDescriptor<>("plans", BasicTypeInfo.STRING_TYPE_INFO, new AvroTypeInfo<>(PlanProfile.class));

    // A spool is delivered again within hours; a session that was silent for longer is over.
    private static final Duration SESSION_MEMORY = Duration.ofHours(24);

    private final long windowMillis;
    private final SampleSelection selection;
    private final PublishedPlans published;

    private transient BroadcastState<String, PlanProfile> plans;
    private transient WriteBehindState<Session> sessions;
    private transient Ingest ingest;
    private transient PlanShelf shelf;
    private transient Counter plansForgotten;
    private transient Counter duplicates;
    private transient Counter missing;
    private transient Counter gaps;
    private transient Counter waitingDropped;
    private transient Counter mismatches;

    /** @param published known before the first record */
    public IngestOperator(Duration window, SampleSelection selection, PublishedPlans published) {
        this.windowMillis = window.toMillis();
        this.selection = selection;
        this.published = published;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        plans = context.getOperatorStateStore().getBroadcastState(PLANS);
        if (!context.isRestored()) {
            for (PlanProfile plan : published.read()) {
                plans.put(plan.getPlanId(), plan);
            }
        }
        ValueState<Session> state = context.getKeyedStateStore().getState(sessions());
        sessions = new WriteBehindState<>(state, this::setCurrentKey, Session::new, Session::copy);
    }

    /** The state of each agent session; also for who reads savepoints. */
    public static ValueStateDescriptor<Session> sessions() {
        ValueStateDescriptor<Session> descriptor =
                new ValueStateDescriptor<>("session", new CodecTypeInformation<>(Session.class, new SessionCodec()));
        // One entry looked at for each that is written finds all that are over before there are twice as many as are alive.
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(SESSION_MEMORY).cleanupIncrementally(1, false).build());
        return descriptor;
    }

    @Override
    public void open() throws Exception {
        super.open();
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        duplicates = metrics.counter("duplicateRecords");
        missing = metrics.counter("missingRecords");
        gaps = metrics.counter("gaps");
        waitingDropped = metrics.counter("recordsDroppedWaitingForPlan");
        mismatches = metrics.counter("recordsNotMatchingPlan");
        plansForgotten = metrics.counter("plansForgotten");
        shelf = new PlanShelf();
        List<String> tooMany = new ArrayList<>();
        plans.immutableEntries().forEach(plan -> tooMany.addAll(shelf.put(plan.getValue())));
        forget(tooMany);
        ingest = new Ingest(windowMillis, selection, new KnownPlans(plans), new Downstream());
    }

    @Override
    public void processElement1(StreamRecord<RawInference> element) throws Exception {
        RawInference record = element.getValue();
        ingest.add(record, element.getTimestamp(), sessions.get(record.session()));
    }

    @Override
    public void processElement2(StreamRecord<PlanProfile> element) throws Exception {
        PlanProfile plan = element.getValue();
        PlanProfile known = plans.get(plan.getPlanId());
        if (known != null && !known.equals(plan)) {
            // What was added up under the old names goes out under them.
            ingest.drain();
        }
        plans.put(plan.getPlanId(), plan);
        forget(shelf.put(plan));
    }

    private void forget(List<String> planIds) throws Exception {
        for (String planId : planIds) {
            plans.remove(planId);
            plansForgotten.inc();
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        ingest.advance(mark.getTimestamp());
        super.processWatermark(mark);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        ingest.drain();
        sessions.writeBack();
        super.prepareSnapshotPreBarrier(checkpointId);
    }

    @Override
    public void finish() throws Exception {
        ingest.drain();
        super.finish();
    }

    private final class Downstream implements Ingest.Output {
        @Override
        public void aggregate(KeyedAccumulator sum, long eventTimeMillis) {
            output.collect(new StreamRecord<>(sum, eventTimeMillis));
        }

        @Override
        public void costs(CostBatch batch, long eventTimeMillis) {
            output.collect(COSTS, new StreamRecord<>(batch, eventTimeMillis));
        }

        @Override
        public void inference(DeviceInference inference, long eventTimeMillis) {
            output.collect(INFERENCES, new StreamRecord<>(inference, eventTimeMillis));
        }

        @Override
        public void leftOut(Ingest.LeftOut why, RawInference record, int branches) {
            switch (why) {
                case DUPLICATE -> duplicates.inc();
                case LATE -> output.collect(LATE, new StreamRecord<>(record));
                case PLAN_MISSING -> waitingDropped.inc();
                case PLAN_MISMATCH -> mismatches.inc();
            }
        }

        @Override
        public void gap(RawInference record, long more) {
            missing.inc(more);
            if (more > 0) {
                gaps.inc();
            }
        }
    }
}
