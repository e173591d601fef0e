package io.parallaxfleet.job;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AccumulatorCodec;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.AggregateKeyCodec;
import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.aggregate.KeyedAccumulatorCodec;
import io.parallaxfleet.operators.aggregate.flink.AccumulateFunction;
import io.parallaxfleet.operators.aggregate.flink.PublishWindowFunction;
import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.RawInferenceCodec;
import io.parallaxfleet.operators.explore.flink.ExploreFunction;
import io.parallaxfleet.operators.fit.ClassFamily;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.flink.FamilyFunction;
import io.parallaxfleet.operators.fit.flink.FitFunction;
import io.parallaxfleet.operators.ingest.flink.CountLateFunction;
import io.parallaxfleet.operators.ingest.flink.IngestOperator;
import io.parallaxfleet.operators.ingest.flink.PublishedPlans;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.operators.rollout.Freeze;
import io.parallaxfleet.operators.rollout.LatencyWindow;
import io.parallaxfleet.operators.rollout.flink.DeviceLedgerOperator;
import io.parallaxfleet.operators.rollout.flink.FleetFreezeFunction;
import io.parallaxfleet.operators.rollout.flink.FleetNotice;
import io.parallaxfleet.operators.rollout.flink.LookClockFunction;
import io.parallaxfleet.operators.rollout.flink.LookCue;
import io.parallaxfleet.operators.rollout.flink.RolloutFunction;
import io.parallaxfleet.operators.rollout.flink.RolloutInput;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.LookPartCodec;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.rollouts.FleetCommands;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;
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
    private static final TypeInformation<KeyedAccumulator> SUM =
            new CodecTypeInformation<>(KeyedAccumulator.class, new KeyedAccumulatorCodec());

    private static final TypeInformation<AggregateKey> AGGREGATE_KEY =
            new CodecTypeInformation<>(AggregateKey.class, new AggregateKeyCodec());

    // Long enough to see a trend in, short enough to see a morning's.
    private static final Duration ROLLUP = Duration.ofMinutes(5);

    private FleetTopology() {}

    /**
     * What the job reads.
     *
     * @param telemetry with event time and watermarks; the others need none
     * @param rollouts what the job publishes there itself, read back
     */
    public record Inputs(DataStream<Intake> telemetry, DataStream<PlanProfile> plans, DataStream<ThresholdAck> acks,
            DataStream<ThresholdUpdate> thresholds, DataStream<RolloutCommand> commands, DataStream<RolloutEvent> rollouts) {}

    /**
     * What stood on the control topics when the job was started.
     *
     * @param thresholds the newest updates of each class, what all run before what a share tries
     */
    public record Published(Map<ClassKey, List<ThresholdUpdate>> thresholds, PublishedPlans plans) {
        public static Published nothing() {
            return new Published(Map.of(), PublishedPlans.none());
        }
    }

    /** What the job publishes. */
    public record Outputs(DataStream<ClassAggregate> aggregates, DataStream<ThresholdUpdate> thresholds,
            DataStream<RolloutEvent> rollouts, DataStream<ExplorationAdvice> exploration, DataStream<DeadLetter> deadLetters) {}

    public static Outputs connect(Inputs inputs, JobOptions options, Published published) {
        SingleOutputStreamOperator<RawInference> telemetry = inputs.telemetry()
                .process(new SplitFunction(), new CodecTypeInformation<>(RawInference.class, new RawInferenceCodec()))
                .name("telemetry or dead letter")
                .uid("split");

        SingleOutputStreamOperator<KeyedAccumulator> sums = telemetry
                .keyBy(RawInference::session, Types.STRING)
                .connect(inputs.plans().broadcast())
                .transform("drop duplicates, join plan, add up", SUM, new IngestOperator(options.window(), options.selection(), published.plans()))
                .uid("plan-join");
        sums.getSideOutput(IngestOperator.LATE)
                .process(new CountLateFunction(), Types.VOID)
                .name("count late records")
                .uid("count-late");

        SingleOutputStreamOperator<ClassAggregate> aggregates = windows(sums.keyBy(KeyedAccumulator::key, AGGREGATE_KEY),
                options.window(), false);
        // A window's sum is where its key is already, so that the long windows take it over without a network between.
        SingleOutputStreamOperator<ClassAggregate> rollups = windows(DataStreamUtils.reinterpretAsKeyedStream(
                aggregates.getSideOutput(PublishWindowFunction.SUMS), KeyedAccumulator::key, AGGREGATE_KEY), rollup(options.window()), true);

        TypeInformation<ClassKey> classKey = TypeInformation.of(ClassKey.class);
        SingleOutputStreamOperator<ClassFit> fits = sums.getSideOutput(IngestOperator.COSTS)
                .keyBy(CostBatch::classKey, classKey)
                .connect(inputs.plans().keyBy(plan -> new ClassKey(plan.getDeviceClass(), plan.getSimulated()), classKey))
                .process(new FitFunction(options.fit(), options.fitInterval()), TypeInformation.of(ClassFit.class))
                .name("fit cost model by class")
                .uid("fit");
        SingleOutputStreamOperator<ExplorationAdvice> advice = fits
                .process(new ExploreFunction(options.fitInterval(), options.group()), new AvroTypeInfo<>(ExplorationAdvice.class))
                .name("ask for exploration after drift")
                .uid("explore");
        SingleOutputStreamOperator<ClassFit> completed = fits
                .keyBy(fit -> ClassFamily.of(fit.classKey()), TypeInformation.of(ClassFamily.class))
                .process(new FamilyFunction(), TypeInformation.of(ClassFit.class))
                .name("complete sparse fits by family")
                .uid("family");

        SingleOutputStreamOperator<RolloutEvent> rollouts = rollOut(inputs, options, published.thresholds(), completed,
                aggregates.getSideOutput(PublishWindowFunction.LATENCIES),
                sums.getSideOutput(IngestOperator.INFERENCES));

        return new Outputs(aggregates.union(rollups), rollouts.getSideOutput(RolloutFunction.THRESHOLDS), rollouts,
                advice, telemetry.getSideOutput(DEAD_LETTERS));
    }

    /** The length of the long windows: five minutes, or as little more as makes it a multiple of the short ones. */
    public static Duration rollup(Duration window) {
        long windows = (ROLLUP.toMillis() + window.toMillis() - 1) / window.toMillis();
        return window.multipliedBy(windows);
    }

    private static SingleOutputStreamOperator<ClassAggregate> windows(KeyedStream<KeyedAccumulator, AggregateKey> sums,
            Duration length, boolean rollup) {
        TypeInformation<Accumulator> accumulator = new CodecTypeInformation<>(Accumulator.class, new AccumulatorCodec());
        return sums
                .window(TumblingEventTimeWindows.of(length))
                .aggregate(new AccumulateFunction(), new PublishWindowFunction(rollup), accumulator, accumulator,
                        new AvroTypeInfo<>(ClassAggregate.class))
                .name((rollup ? "roll up" : "aggregate") + " by class, model, branch")
                .uid(rollup ? "rollup" : "aggregate");
    }

    private static SingleOutputStreamOperator<RolloutEvent> rollOut(Inputs inputs, JobOptions options,
            Map<ClassKey, List<ThresholdUpdate>> published, DataStream<ClassFit> fits, DataStream<LatencyWindow> latencies,
            DataStream<DeviceInference> inferences) {
        TypeInformation<LookCue> cue = TypeInformation.of(LookCue.class);
        DataStream<LookCue> clock = latencies.process(new LookClockFunction(options.rollout().lookInterval()), cue)
                .name("look clock").uid("look-clock").setParallelism(1);
        DataStream<LookCue> epochs = inputs.thresholds().map(LookCue::of, cue).name("epochs").uid("look-epochs").setParallelism(1);
        DataStream<LookPart> looks = inferences.keyBy(DeviceLedgerOperator::keyOf, Types.STRING)
                .connect(clock.union(epochs).broadcast())
                .transform("compare each device with its past", new CodecTypeInformation<>(LookPart.class, new LookPartCodec()),
                        new DeviceLedgerOperator(options.rollout().deviceMemory(), options.rollout().staged().criterion()))
                .uid("device-ledgers");
        DataStream<Freeze> freezes = inputs.rollouts()
                .keyBy(FleetFreezeFunction::fleet, Types.STRING)
                .process(new FleetFreezeFunction(options.rollout().freezeClasses(), options.rollout().freezeWithin()),
                        TypeInformation.of(Freeze.class))
                .name("freeze when classes regress together")
                .uid("fleet-freeze")
                .setParallelism(1);

        TypeInformation<FleetNotice> notice = TypeInformation.of(FleetNotice.class);
        DataStream<FleetNotice> notices = freezes.map(FleetNotice::of, notice).name("freezes").uid("fleet-freezes").setParallelism(1)
                .union(inputs.commands().filter(FleetCommands::isForFleet).name("to the fleet").uid("fleet-commands").setParallelism(1)
                        .map(FleetNotice::of, notice).name("fleet commands").uid("fleet-command-notices").setParallelism(1));

        TypeInformation<RolloutInput> input = TypeInformation.of(RolloutInput.class);
        return fits.map(RolloutInput::of, input).name("fits").uid("rollout-fits")
                .union(
                        latencies.map(RolloutInput::of, input).name("latencies").uid("rollout-latencies"),
                        inputs.acks().map(RolloutInput::of, input).name("acks").uid("rollout-acks"),
                        inputs.thresholds().map(RolloutInput::of, input).name("updates").uid("rollout-updates"),
                        looks.map(RolloutInput::of, input).name("looks").uid("rollout-looks"),
                        // One task, as the source has: by two a person's second command could overtake the first.
                        inputs.commands().filter(command -> !FleetCommands.isForFleet(command)).name("to one class").uid("class-commands")
                                .setParallelism(1)
                                .map(RolloutInput::of, input).name("commands").uid("rollout-commands").setParallelism(1))
                .keyBy(RolloutInput::classKey, TypeInformation.of(ClassKey.class))
                .connect(notices.broadcast(RolloutFunction.FREEZES, RolloutFunction.FLEET_COMMANDS))
                .process(new RolloutFunction(options.rollout(), options.group(), published), new AvroTypeInfo<>(RolloutEvent.class))
                .name("search and roll out by class")
                .uid("rollout");
    }

    private static final class SplitFunction extends ProcessFunction<Intake, RawInference> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Intake intake, Context context, Collector<RawInference> out) {
            if (intake.inference() != null) {
                out.collect(intake.inference());
            } else {
                context.output(DEAD_LETTERS, intake.deadLetter());
            }
        }
    }
}
