package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

/**
 * The whole topology while twenty thousand device ids that nobody has heard of send one inference each, twenty times too long,
 * into a class whose four devices have given it a cost model. {@code ./parallax stream-bench flood} sends a million through Kafka.
 */
class FloodTopologyTest {
    private static final long START = 1_760_000_000_000L;
    private static final long STEP_MILLIS = 10;
    private static final long HONEST_FIRST = 6_000;
    private static final long FLOOD = 20_000;
    /** Of the flood's records one in so many is an honest device's. */
    private static final int HONEST_EACH = 6;
    private static final long RECORDS = HONEST_FIRST + FLOOD * HONEST_EACH / (HONEST_EACH - 1);
    private static final double LIE = 20;

    private final CollectingSink<ClassAggregate> aggregates = new CollectingSink<>();
    private final CollectingSink<ThresholdUpdate> thresholds = new CollectingSink<>();

    @Test
    void everyInferenceIsCountedAndTheClassKeepsItsThresholds() throws Exception {
        run();

        assertEquals(RECORDS, aggregates.collected().stream().filter(a -> a.getBranch() == null && !a.getRollup())
                .mapToLong(ClassAggregate::getCount).sum());
        int mostDevices = aggregates.collected().stream().mapToInt(ClassAggregate::getDevices).max().orElse(0);
        assertTrue(mostDevices > 200, mostDevices + " devices");
        assertEquals(1, thresholds.collected().size(), () -> thresholds.collected().toString());
        assertEquals(1e-10, thresholds.collected().get(0).getCostModel().getCpuSecondsPerMac().getValue(), 0.05e-10);
    }

    private void run() throws Exception {
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(5), Duration.ofSeconds(10))
                .withCheckpoints(Duration.ofMillis(500), Optional.empty());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        FleetJob.configure(env, options);
        GeneratorFunction<Long, Intake> records = FloodTopologyTest::record;
        DataStream<Intake> telemetry = env.fromSource(
                new DataGeneratorSource<>(records, RECORDS, RateLimiterStrategy.perSecond(4000), TypeInformation.of(Intake.class)),
                new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry").setParallelism(1);
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(telemetry,
                env.fromData(new SyntheticFleet(START, STEP_MILLIS).plans(0, true), new AvroTypeInfo<>(PlanProfile.class)),
                Messages.none(env, ThresholdAck.class), Messages.none(env, ThresholdUpdate.class), Messages.none(env, RolloutCommand.class),
                Messages.none(env, RolloutEvent.class)), options, FleetTopology.Published.nothing());
        outputs.aggregates().sinkTo(aggregates);
        outputs.thresholds().sinkTo(thresholds);
        env.execute("flood");
    }

    private static Intake record(long n) {
        boolean honest = n < HONEST_FIRST || n % HONEST_EACH == 0;
        // All honest devices and models take part in turn.
        long turn = n < HONEST_FIRST ? n : n / HONEST_EACH;
        int device = (int) (honest ? turn % SyntheticFleet.DEVICES : SyntheticFleet.DEVICES + n);
        return SyntheticFleet.record(device, (int) (turn % SyntheticFleet.MODELS), n, START + n * STEP_MILLIS, 0, true, honest ? 1 : LIE,
                new SplittableRandom(n));
    }
}
