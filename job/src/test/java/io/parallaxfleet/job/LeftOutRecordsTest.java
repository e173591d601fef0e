package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.time.Duration;
import java.util.SplittableRandom;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The whole topology on Flink's local cluster, over the records of one device of which one comes twice, three never, and the last a minute
 * late: what the job's counters say of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeftOutRecordsTest {
    private static final long START = 1_760_000_000_000L;
    private static final long RECORDS = 60;
    private static final long REPEATED = 20;
    private static final long AFTER_THE_GAP = 30;
    private static final long NEVER_SENT = 3;

    private final CollectingSink<ClassAggregate> aggregates = new CollectingSink<>();

    @BeforeAll
    void runTheTopology() throws Exception {
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(5), Duration.ofSeconds(10));
        // One task of each operator: two would take turns, and records would overtake each other.
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, KeptCounters.begin());
        FleetJob.configure(env, options);
        GeneratorFunction<Long, Intake> records = n -> SyntheticFleet.record(0, 0, sequence(n), START + (n == RECORDS - 1 ? 0 : 1000 * n), 0,
                true, 1, new SplittableRandom(n));
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(
                // Slow enough for watermarks, which come by the clock, to pass the last record's window before it comes.
                env.fromSource(new DataGeneratorSource<>(records, RECORDS, RateLimiterStrategy.perSecond(15),
                        TypeInformation.of(Intake.class)), new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry"),
                env.fromData(new SyntheticFleet(START, 1000).plans(0, true), new AvroTypeInfo<>(PlanProfile.class)),
                Messages.none(env, ThresholdAck.class), Messages.none(env, ThresholdUpdate.class),
                Messages.none(env, RolloutCommand.class), Messages.none(env, RolloutEvent.class)), options, FleetTopology.Published.nothing());
        outputs.aggregates().sinkTo(aggregates);
        env.execute("left out");
    }

    private static long sequence(long n) {
        return n < REPEATED ? n : n < AFTER_THE_GAP ? n - 1 : n - 1 + NEVER_SENT;
    }

    @Test
    void theLateOneIsInNoWindowAndCountedInAllAndOfItsClass() {
        assertEquals(1, KeptCounters.of("lateRecords"));
        assertEquals(1, KeptCounters.of("lateRecords of " + SyntheticFleet.DEVICE_CLASS));
        assertEquals(RECORDS - 2, aggregates.collected().stream().filter(a -> a.getBranch() == null && !a.getRollup())
                .mapToLong(ClassAggregate::getCount).sum());
    }

    @Test
    void theRepeatedOneIsCountedAsADuplicate() {
        assertEquals(1, KeptCounters.of("duplicateRecords"));
    }

    @Test
    void thoseThatNeverCameAreCountedAsOneGap() {
        assertEquals(NEVER_SENT, KeptCounters.of("missingRecords"));
        assertEquals(1, KeptCounters.of("gaps"));
    }
}
