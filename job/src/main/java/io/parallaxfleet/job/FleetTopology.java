package io.parallaxfleet.job;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AccumulatorCodec;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.Measurement;
import io.parallaxfleet.operators.aggregate.flink.AccumulateFunction;
import io.parallaxfleet.operators.aggregate.flink.CountLateFunction;
import io.parallaxfleet.operators.aggregate.flink.PublishWindowFunction;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.decode.flink.PlanJoinFunction;
import io.parallaxfleet.operators.fit.CostObservation;
import io.parallaxfleet.operators.fit.flink.FitFunction;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.operators.rollout.flink.RolloutFunction;
import io.parallaxfleet.operators.rollout.flink.RolloutInput;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * The operators between the sources and the sinks, whatever these are. Every operator has a fixed uid, by which savepoints find
 * its state.
 */
public final class FleetTopology {
    private static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));
    private static final OutputTag<Measurement> LATE = new OutputTag<>("late", TypeInformation.of(Measurement.class));

    private FleetTopology() {}

    /**
     * What the job reads.
     *
     * @param telemetry with event time and watermarks; the others need none
     */
    public record Inputs(DataStream<Intake> telemetry, DataStream<PlanProfile> plans, DataStream<ThresholdAck> acks,
            DataStream<ThresholdUpdate> thresholds) {}

    /** What the job publishes. */
    public record Outputs(DataStream<ClassAggregate> aggregates, DataStream<ThresholdUpdate> thresholds,
            DataStream<RolloutEvent> rollouts, DataStream<DeadLetter> deadLetters) {}

    /** @param published the newest update of each class when the job is started */
    public static Outputs connect(Inputs inputs, JobOptions options, Map<ClassKey, ThresholdUpdate> published) {
        SingleOutputStreamOperator<InferenceTelemetry> telemetry = inputs.telemetry()
                .process(new SplitFunction(), new AvroTypeInfo<>(InferenceTelemetry.class))
                .name("telemetry or dead letter")
                .uid("split");

        SingleOutputStreamOperator<Measurement> measurements = telemetry
                .keyBy(PlanJoinFunction::sessionOf, Types.STRING)
                .connect(inputs.plans().broadcast(PlanJoinFunction.PLANS))
                .process(new PlanJoinFunction(options.selection()), TypeInformation.of(Measurement.class))
                .name("drop duplicates, join plan")
                .uid("plan-join");

        TypeInformation<Accumulator> accumulator =
                new CodecTypeInformation<>(Accumulator.class, new AccumulatorCodec());
        SingleOutputStreamOperator<ClassAggregate> aggregates = measurements
                .keyBy(Measurement::key, TypeInformation.of(AggregateKey.class))
                .window(TumblingEventTimeWindows.of(options.window()))
                .sideOutputLateData(LATE)
                .aggregate(new AccumulateFunction(), new PublishWindowFunction(), accumulator, accumulator,
                        new AvroTypeInfo<>(ClassAggregate.class))
                .name("aggregate by class, model, branch")
                .uid("aggregate");
        aggregates.getSideOutput(LATE)
                .process(new CountLateFunction(), Types.VOID)
                .name("count late samples")
                .uid("count-late");

        TypeInformation<ClassKey> classKey = TypeInformation.of(ClassKey.class);
        SingleOutputStreamOperator<ClassFit> fits = measurements.getSideOutput(PlanJoinFunction.COSTS)
                .keyBy(CostObservation::classKey, classKey)
                .connect(inputs.plans().keyBy(plan -> new ClassKey(plan.getDeviceClass(), plan.getSimulated()), classKey))
                .process(new FitFunction(options.fit(), options.fitInterval()), TypeInformation.of(ClassFit.class))
                .name("fit cost model by class")
                .uid("fit");

        TypeInformation<RolloutInput> rolloutInput = TypeInformation.of(RolloutInput.class);
        SingleOutputStreamOperator<RolloutEvent> rollouts = fits.map(RolloutInput::of, rolloutInput)
                .name("fits")
                .uid("rollout-fits")
                .union(
                        aggregates.getSideOutput(PublishWindowFunction.LATENCIES).map(RolloutInput::of, rolloutInput)
                                .name("latencies").uid("rollout-latencies"),
                        inputs.acks().map(RolloutInput::of, rolloutInput).name("acks").uid("rollout-acks"),
                        inputs.thresholds().map(RolloutInput::of, rolloutInput).name("updates").uid("rollout-updates"))
                .keyBy(RolloutInput::classKey, classKey)
                .process(new RolloutFunction(options.minImprovement(), options.judge(), options.group(), published),
                        new AvroTypeInfo<>(RolloutEvent.class))
                .name("search and roll out by class")
                .uid("rollout");

        return new Outputs(aggregates, rollouts.getSideOutput(RolloutFunction.THRESHOLDS), rollouts,
                telemetry.getSideOutput(DEAD_LETTERS));
    }

    private static final class SplitFunction extends ProcessFunction<Intake, InferenceTelemetry> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Intake intake, Context context, Collector<InferenceTelemetry> out) {
            if (intake.telemetry() != null) {
                out.collect(intake.telemetry());
            } else {
                context.output(DEAD_LETTERS, intake.deadLetter());
            }
        }
    }
}
