package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops the job with a savepoint at parallelism 1 and goes on from it at parallelism 2. */
class SavepointTest {
    private static final long RECORDS = 6000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final SyntheticFleet fleet = new SyntheticFleet(1_760_000_000_000L, 25);
    private final CollectingSink<ClassAggregate> aggregates = new CollectingSink<>();
    private final CollectingSink<ThresholdUpdate> thresholds = new CollectingSink<>();

    @Test
    void aRescaledJobGoesOnWithoutLosingOrRepeatingAnInference(@TempDir Path directory) throws Exception {
        JobClient first = build(1, new Configuration()).executeAsync("first");
        awaitFirstAggregate();
        String savepoint = first.stopWithSavepoint(false, directory.toUri().toString(), SavepointFormatType.CANONICAL).get();
        long before = counted();

        Configuration restore = new Configuration();
        restore.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        build(2, restore).execute("second");

        assertTrue(before > 0 && before < RECORDS, before + " were counted before the savepoint");
        // Each fiftieth record repeats its predecessor.
        assertEquals(RECORDS - RECORDS / 50, counted());
        assertEquals(1, thresholds.collected().size(), thresholds.collected()::toString);
        assertEquals(DelegationMode.NEVER, thresholds.collected().get(0).getMode());
    }

    private long counted() {
        return aggregates.collected().stream().filter(a -> a.getBranch() == null && !a.getRollup()).mapToLong(ClassAggregate::getCount).sum();
    }

    private void awaitFirstAggregate() {
        long start = System.nanoTime();
        while (aggregates.collected().isEmpty()) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "no window was closed");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private StreamExecutionEnvironment build(int parallelism, Configuration configuration) {
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"))
                .withIntervals(Duration.ofSeconds(5), Duration.ofSeconds(10))
                .withCheckpoints(Duration.ofSeconds(1), Optional.empty());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        FleetJob.configure(env, options);
        SyntheticFleet generator = fleet;
        GeneratorFunction<Long, Intake> records = index -> generator.telemetry(index % 50 == 49 ? index - 1 : index);
        FleetTopology.Outputs outputs = FleetTopology.connect(
                new FleetTopology.Inputs(
                        env.fromSource(new DataGeneratorSource<>(records, RECORDS, RateLimiterStrategy.perSecond(1500),
                                        TypeInformation.of(Intake.class)),
                                new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry").uid("telemetry"),
                        env.fromData(fleet.plans(0, true), new AvroTypeInfo<>(PlanProfile.class)).uid("plans"),
                        env.fromData(List.of(Messages.acknowledgement(3)),
                                new AvroTypeInfo<>(ThresholdAck.class)).uid("acks"),
                        env.fromData(List.of(Messages.updateOfAnotherClass()), new AvroTypeInfo<>(ThresholdUpdate.class))
                                .uid("thresholds")),
                options, Map.of());
        outputs.aggregates().sinkTo(aggregates).uid("to-aggregates");
        outputs.thresholds().sinkTo(thresholds).uid("to-thresholds");
        return env;
    }
}
