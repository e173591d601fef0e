package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.ingest.flink.PublishedPlans;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The whole topology on Flink's local cluster at parallelism 2, between in-memory sources and collectors; run once, looked at often. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FleetTopologyTest {
    private static final long START = 1_760_000_000_000L;
    private static final long STEP_MILLIS = 25;
    private static final long RECORDS = 3000;
    private static final long HIGHEST_SEEN_EPOCH = 41;

    private final SyntheticFleet fleet = new SyntheticFleet(START, STEP_MILLIS);
    private List<ClassAggregate> aggregates;
    private List<ThresholdUpdate> thresholds;
    private List<RolloutEvent> events;
    private List<ExplorationAdvice> advice;
    private List<DeadLetter> deadLetters;

    @BeforeAll
    void runTheTopology() throws Exception {
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(5), Duration.ofSeconds(10))
                .withCheckpoints(Duration.ofMillis(500), Optional.empty());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        FleetJob.configure(env, options);
        SyntheticFleet generator = fleet;
        GeneratorFunction<Long, Intake> records = index -> index % 100 == 99
                ? new Intake(null, Messages.deadLetter(index), 0)
                // Every fiftieth record comes twice.
                : generator.telemetry(index % 50 == 49 ? index - 1 : index);
        DataStream<Intake> telemetry = env.fromSource(
                new DataGeneratorSource<>(records, RECORDS, RateLimiterStrategy.perSecond(1500),
                        TypeInformation.of(Intake.class)),
                new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry");
        DataStream<PlanProfile> plans = env.fromData(fleet.plans(0, true), new AvroTypeInfo<>(PlanProfile.class));
        DataStream<ThresholdAck> acks = env.fromData(List.of(Messages.acknowledgement(HIGHEST_SEEN_EPOCH)), new AvroTypeInfo<>(ThresholdAck.class));
        DataStream<ThresholdUpdate> updates = env.fromData(List.of(Messages.updateOfAnotherClass()), new AvroTypeInfo<>(ThresholdUpdate.class));
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(telemetry, plans, acks, updates, Messages.none(env, RolloutCommand.class),
                Messages.none(env, RolloutEvent.class)), options,
                new FleetTopology.Published(Map.of(new ClassKey("other", false), List.of(Messages.updateOfAnotherClass())), PublishedPlans.none()));
        aggregates = collect(outputs.aggregates());
        thresholds = collect(outputs.thresholds());
        events = collect(outputs.rollouts());
        advice = collect(outputs.exploration());
        deadLetters = collect(outputs.deadLetters());
        env.execute("test");
    }

    private static <T> List<T> collect(DataStream<T> stream) {
        CollectingSink<T> sink = new CollectingSink<>();
        stream.sinkTo(sink);
        return sink.collected();
    }

    @Test
    void everyDistinctInferenceIsCountedOnce() {
        long counted = aggregates.stream().filter(a -> a.getBranch() == null && !a.getRollup()).mapToLong(ClassAggregate::getCount).sum();

        // Of each hundred records, one is a dead letter and one repeats its predecessor (the other repeat is the dead letter).
        assertEquals(RECORDS - RECORDS / 100 - RECORDS / 100, counted);
    }

    @Test
    void aggregatesCarryQuantilesMemoryAndEnergy() {
        ClassAggregate whole = aggregates.stream().filter(a -> a.getBranch() == null && !a.getRollup() && a.getCount() > 20).findFirst().orElseThrow();

        assertTrue(whole.getLatencyP50Nanos() > 0 && whole.getLatencyP50Nanos() <= whole.getLatencyP90Nanos());
        assertEquals(0.5, whole.getMemoryOverhead(), 1e-9);
        assertEquals(5_000, whole.getEnergyMicrojoulesMean(), 1e-9);
        assertEquals("cpu-time-model", whole.getEnergySource());
        assertEquals(SyntheticFleet.DEVICES, whole.getDevices());
    }

    @Test
    void longWindowsHoldWhatTheShortOnesOfTheirTimeHeld() {
        Map<Boolean, Long> counts = aggregates.stream()
                .collect(Collectors.groupingBy(ClassAggregate::getRollup, Collectors.summingLong(ClassAggregate::getCount)));

        assertEquals(counts.get(false), counts.get(true));
        assertTrue(aggregates.stream().filter(ClassAggregate::getRollup)
                .allMatch(a -> Duration.between(a.getWindowStart(), a.getWindowEnd()).equals(Duration.ofMinutes(5))));
    }

    @Test
    void branchesAreAggregatedUnderTheirNamesInThePlan() {
        assertTrue(aggregates.stream().anyMatch(a -> "L7.B0".equals(a.getBranch()) && "ACCELERATOR".equals(a.getPlacement())));
        assertTrue(aggregates.stream().anyMatch(a -> "L0.B0".equals(a.getBranch()) && "CPU".equals(a.getPlacement())));
    }

    @Test
    void aClassWhoseAcceleratorNeverWinsIsToldNeverToDelegate() {
        ThresholdUpdate update = thresholds.get(0);

        assertEquals(1, thresholds.size());
        assertEquals(SyntheticFleet.DEVICE_CLASS, update.getDeviceClass());
        assertEquals(DelegationMode.NEVER, update.getMode());
        assertTrue(update.getPredictedAfterNanos() < 0.5 * update.getPredictedBeforeNanos());
        assertEquals(1e-10, update.getCostModel().getCpuSecondsPerMac().getValue(), 0.05e-10);
        assertEquals(4e-10, update.getCostModel().getAcceleratorSecondsPerMac().getValue(), 0.2e-10);
    }

    @Test
    void aNewEpochIsAboveEveryEpochSeenOnAnyTopic() {
        assertEquals(HIGHEST_SEEN_EPOCH + 1, thresholds.get(0).getEpoch());
    }

    @Test
    void theProposalIsPublishedAsARolloutEvent() {
        assertTrue(events.stream().anyMatch(e -> e.getDecision() == RolloutDecision.PROPOSE
                && e.getEpoch() == HIGHEST_SEEN_EPOCH + 1
                && e.getRolloutId().equals(thresholds.get(0).getRolloutId())));
    }

    @Test
    void aClassThatRunsAsItDidIsNotAskedToExploreMore() {
        assertEquals(List.of(), advice);
    }

    @Test
    void deadLettersPassThrough() {
        assertEquals(RECORDS / 100, deadLetters.size());
    }
}
