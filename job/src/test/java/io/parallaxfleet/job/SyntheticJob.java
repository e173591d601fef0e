package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
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

/**
 * The topology between a synthetic fleet and transactional sinks, as a job that can be stopped with a savepoint and goes on from one. What it
 * emits in several lives is collected in one place, and compared with a tally that shares no code with the job.
 */
final class SyntheticJob {
    static final long RECORDS = 9000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final SyntheticFleet fleet = new SyntheticFleet(1_760_000_000_000L, 25);
    private final CommittingSink<ClassAggregate> aggregates = new CommittingSink<>();
    private final CommittingSink<ThresholdUpdate> thresholds = new CommittingSink<>();

    /** Runs until a window more was closed than before; the savepoint's path. */
    String runUntilSavepoint(int parallelism, Optional<String> from, Path directory) throws Exception {
        long before = aggregates.written();
        JobClient job = build(parallelism, restoring(from)).executeAsync("at parallelism " + parallelism);
        long start = System.nanoTime();
        while (aggregates.written() == before) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "no window was closed");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        while (true) {
            try {
                return job.stopWithSavepoint(false, directory.toUri().toString(), SavepointFormatType.CANONICAL).get();
            } catch (ExecutionException notAllTasksRunYet) {
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, notAllTasksRunYet::toString);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private static Configuration restoring(Optional<String> savepoint) {
        Configuration configuration = new Configuration();
        savepoint.ifPresent(path -> configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
        return configuration;
    }

    long counted() {
        return aggregates.committed().stream().filter(a -> a.getBranch() == null && !a.getRollup()).mapToLong(ClassAggregate::getCount).sum();
    }

    Map<String, Long> countedByModelAndBranch() {
        return aggregates.committed().stream()
                .filter(a -> !a.getRollup())
                .collect(Collectors.groupingBy(a -> key(a.getModel(), a.getBranch()), TreeMap::new,
                        Collectors.summingLong(ClassAggregate::getCount)));
    }

    /** What the records say, counted without the job: each fiftieth repeats its predecessor and does not count. */
    Map<String, Long> tally() {
        Map<String, Long> tally = new TreeMap<>();
        for (long record = 0; record < RECORDS; record++) {
            if (record % 50 != 49) {
                InferenceTelemetry telemetry = fleet.telemetry(record).inference().toTelemetry();
                tally.merge(key(telemetry.getModel(), null), 1L, Long::sum);
                for (int branch = 0; branch < telemetry.getBranchLatencyNanos().size(); branch++) {
                    tally.merge(key(telemetry.getModel(), "L" + branch + ".B0"), 1L, Long::sum);
                }
            }
        }
        return tally;
    }

    List<ThresholdUpdate> thresholds() {
        return thresholds.committed();
    }

    /** Runs to the last record. */
    void runToTheEnd(int parallelism, String savepoint) throws Exception {
        build(parallelism, restoring(Optional.of(savepoint))).execute("at parallelism " + parallelism);
    }

    /** Name of a count: a model, or a branch of one. */
    private static String key(String model, String branch) {
        return branch == null ? model : model + " " + branch;
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
                                .uid("thresholds"),
                        Messages.none(env, RolloutCommand.class), Messages.none(env, RolloutEvent.class)),
                options, new FleetTopology.Published(Map.of(), () -> generator.plans(0, true)));
        outputs.aggregates().sinkTo(aggregates).uid("to-aggregates");
        outputs.thresholds().sinkTo(thresholds).uid("to-thresholds");
        return env;
    }
}
