package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.operators.rollout.RolloutOptions;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole topology on Flink's local cluster with {@value #DEVICES} simulated devices that do what the job publishes: an update reaches
 * the job and the devices as it would through Kafka, and a device applies what it is a member of.
 */
final class StagedJob {
    private static final int DEVICES = 500;
    private static final int RECORDS_A_SECOND = 8_000;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);
    private static final int EPOCHS = 12;

    /** What a device does; the job tries "never delegate" on it. */
    interface Truth extends Serializable {
        /** @param applied whether it was told not to delegate; its record, or empty where it says nothing */
        Optional<Intake> record(int device, long index, long epoch, boolean applied);

        /** Whether the plans of devices that apply an epoch delegate all the same. */
        boolean delegatesStill();
    }

    final CollectingSink<ThresholdUpdate> thresholds = new CollectingSink<>();
    final CollectingSink<RolloutEvent> events = new CollectingSink<>();

    /** Those that change what devices run, or would. */
    List<RolloutEvent> steps() {
        return events.collected().stream().filter(event -> event.getDecision() != RolloutDecision.HOLD).toList();
    }

    /** The share of devices that each update was for. */
    List<Integer> published() {
        return thresholds.collected().stream().map(ThresholdUpdate::getMembershipPerMille).toList();
    }

    String story() {
        StringBuilder story = new StringBuilder();
        events.collected().forEach(event -> story.append(event.getEpoch()).append(' ').append(event.getDecision()).append(": ")
                .append(event.getReason()).append('\n'));
        return story.toString();
    }

    /** Runs until such an event was published. */
    void run(Truth truth, RolloutOptions rollout, Predicate<RolloutEvent> end) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(1), Duration.ofSeconds(1))
                // What was published is read back by a source that waits in the middle of a record, and so does any checkpoint.
                .withCheckpoints(Duration.ofMinutes(5), Optional.empty())
                .withGates(FitOptions.defaults().withMinDistinctRegions(4), SampleSelection.defaults(),
                        rollout.withTimes(Duration.ofSeconds(1), rollout.patience()));
        FleetJob.configure(env, options);
        DataStream<Intake> telemetry = env.fromSource(
                new DataGeneratorSource<>(new Devices(truth, thresholds), Long.MAX_VALUE, RateLimiterStrategy.perSecond(RECORDS_A_SECOND),
                        TypeInformation.of(Intake.class)),
                new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry").setParallelism(1);
        List<PlanProfile> plans = new ArrayList<>();
        LongStream.range(0, EPOCHS).forEach(epoch -> plans.addAll(new SyntheticFleet(0, 0).plans(epoch, epoch == 0 || truth.delegatesStill())));
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(telemetry,
                env.fromData(plans, new AvroTypeInfo<>(PlanProfile.class)), Messages.none(env, ThresholdAck.class),
                readBack(env, thresholds, ThresholdUpdate.class), Messages.none(env, RolloutCommand.class),
                readBack(env, events, RolloutEvent.class)), options, FleetTopology.Published.nothing());
        outputs.thresholds().sinkTo(thresholds);
        outputs.rollouts().sinkTo(events);
        JobClient job = env.executeAsync("staged");
        try {
            long start = System.nanoTime();
            while (events.collected().stream().noneMatch(end)) {
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, this::story);
                assertFalse(job.getJobStatus().get().isTerminalState(), this::story);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } finally {
            job.cancel().get();
        }
    }

    // In the place of the topic between the job's sink and its source.
    private static <T extends SpecificRecordBase> DataStream<T> readBack(StreamExecutionEnvironment env,
            CollectingSink<T> published, Class<T> type) {
        GeneratorFunction<Long, T> next = index -> {
            while (published.collected().size() <= index) {
                Thread.sleep(5);
            }
            return published.collected().get(Math.toIntExact(index));
        };
        return env.fromSource(new DataGeneratorSource<>(next, Long.MAX_VALUE, new AvroTypeInfo<>(type)),
                WatermarkStrategy.noWatermarks(), type.getSimpleName()).setParallelism(1);
    }

    /** All devices in turn, each under the highest epoch that it is a member of. */
    private static final class Devices implements GeneratorFunction<Long, Intake> {
        private static final long serialVersionUID = 1L;

        private final Truth truth;
        private final CollectingSink<ThresholdUpdate> thresholds;
        private transient long[] epochs;
        private transient boolean[] members;
        private transient int heard;

        Devices(Truth truth, CollectingSink<ThresholdUpdate> thresholds) {
            this.truth = truth;
            this.thresholds = thresholds;
        }

        @Override
        public Intake map(Long index) {
            listen();
            Optional<Intake> record = Optional.empty();
            for (int device = (int) (index % DEVICES); record.isEmpty(); device = (device + 1) % DEVICES) {
                record = truth.record(device, index, epochs[device], members[device]);
            }
            return record.get();
        }

        private void listen() {
            if (epochs == null) {
                epochs = new long[DEVICES];
                members = new boolean[DEVICES];
            }
            List<ThresholdUpdate> published = thresholds.collected();
            for (; heard < published.size(); heard++) {
                ThresholdUpdate update = published.get(heard);
                for (int device = 0; device < DEVICES; device++) {
                    if (RolloutMembership.isMember("device-" + device, update.getRolloutId(), update.getMembershipPerMille())) {
                        epochs[device] = update.getEpoch();
                        members[device] = update.getMode() == DelegationMode.NEVER;
                    }
                }
            }
        }
    }
}
