package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

/** The whole topology on Flink's local cluster, over a class whose every run takes half as long again from some moment on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriftTopologyTest {
    private static final long START = 1_760_000_000_000L;
    private static final long STEP_MILLIS = 25;
    private static final long RECORDS = 4800;
    private static final long SLOWER_FROM = 3000;
    private static final Duration FIT_INTERVAL = Duration.ofSeconds(10);

    private final CollectingSink<ExplorationAdvice> advice = new CollectingSink<>();
    private final CollectingSink<RolloutEvent> events = new CollectingSink<>();

    @BeforeAll
    void runTheTopology() throws Exception {
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(5), FIT_INTERVAL)
                .withCheckpoints(Duration.ofMillis(500), Optional.empty());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        FleetJob.configure(env, options);
        GeneratorFunction<Long, Intake> records = n -> SyntheticFleet.record((int) (n % SyntheticFleet.DEVICES),
                (int) (n / SyntheticFleet.DEVICES % SyntheticFleet.MODELS), n / SyntheticFleet.DEVICES, START + n * STEP_MILLIS, 0, true,
                n < SLOWER_FROM ? 1 : 1.5, new SplittableRandom(n));
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(
                env.fromSource(new DataGeneratorSource<>(records, RECORDS, RateLimiterStrategy.perSecond(1500),
                        TypeInformation.of(Intake.class)), new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry")
                        // In order: a second task would begin in the middle.
                        .setParallelism(1),
                env.fromData(new SyntheticFleet(START, STEP_MILLIS).plans(0, true), new AvroTypeInfo<>(PlanProfile.class)),
                Messages.none(env, ThresholdAck.class), Messages.none(env, ThresholdUpdate.class),
                Messages.none(env, RolloutCommand.class), Messages.none(env, RolloutEvent.class)), options, FleetTopology.Published.nothing());
        outputs.exploration().sinkTo(advice);
        outputs.rollouts().sinkTo(events);
        env.execute("drift");
    }

    @Test
    void theClassIsAskedOnceToExploreMore() {
        assertEquals(1, advice.collected().size(), advice.collected()::toString);
        ExplorationAdvice asked = advice.collected().get(0);
        assertEquals(SyntheticFleet.DEVICE_CLASS, asked.getDeviceClass());
        assertTrue(asked.getShareFactor() > 1);
        assertEquals(JobOptions.DEFAULT_GROUP, asked.getIssuedBy());
    }

    @Test
    void notBeforeAnythingChangedAndForAsLongAsIntervalsAreWide() {
        ExplorationAdvice asked = advice.collected().get(0);

        // Watermarks come every so often, so that a fit may have seen some of what is later than itself.
        Instant atTheEarliest = Instant.ofEpochMilli(START + SLOWER_FROM * STEP_MILLIS).minus(FIT_INTERVAL.multipliedBy(2));
        assertTrue(asked.getIssuedAt().isAfter(atTheEarliest), asked::toString);
        assertEquals(FIT_INTERVAL.multipliedBy(Drift.WIDE_FITS), Duration.between(asked.getIssuedAt(), asked.getExpiresAt()));
    }

    @Test
    void theSameAlarmIsAnEvent() {
        assertEquals(1, events.collected().stream().filter(event -> event.getReason().startsWith(advice.collected().get(0).getReason())).count());
    }
}
