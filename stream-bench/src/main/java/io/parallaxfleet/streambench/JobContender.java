package io.parallaxfleet.streambench;

import io.parallaxfleet.job.FleetJob;
import io.parallaxfleet.job.FleetTopology;
import io.parallaxfleet.job.Intake;
import io.parallaxfleet.job.IntakeWatermarks;
import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.job.TelemetryDeserializer;
import io.parallaxfleet.quickstart.Directories;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The fleet job's own topology with everything it does: duplicates, plans, both lengths of windows, the fit and the rollout,
 * checkpoints. Only its ends differ: the topic is read to its end and results are collected in memory.
 */
final class JobContender implements Contender {
    private static final Duration CHECKPOINTS = Duration.ofSeconds(2);
    // The other inputs end at once, which is a watermark of its own: it must never be the only one that counts.
    private static final Duration NEVER_IDLE = Duration.ofHours(1);

    private final String backend;
    private final List<PlanProfile> plans;

    /** @param backend a state backend's short name */
    JobContender(String backend, List<PlanProfile> plans) {
        this.backend = backend;
        this.plans = plans;
    }

    @Override
    public List<Row> drain(Task task) throws Exception {
        Path directory = Files.createTempDirectory("stream-bench-state-");
        try {
            return drain(task, directory);
        } finally {
            Directories.delete(directory);
        }
    }

    private List<Row> drain(Task task, Path directory) throws Exception {
        JobOptions options = JobOptions.defaults(task.bootstrap(), task.registry())
                .withCheckpoints(CHECKPOINTS, Optional.of(directory.toUri().toString()));
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, backend);
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, configuration);
        FleetJob.configure(env, options);
        DataStream<Intake> telemetry = env.fromSource(KafkaSource.<Intake>builder()
                        .setBootstrapServers(task.bootstrap())
                        .setTopics(task.topic())
                        .setGroupId("stream-bench")
                        .setStartingOffsets(OffsetsInitializer.earliest())
                        .setBounded(OffsetsInitializer.latest())
                        .setDeserializer(new Timed(new TelemetryDeserializer(task.registry())))
                        .build(),
                new IntakeWatermarks(options.outOfOrderness(), NEVER_IDLE), "telemetry");
        FleetTopology.Outputs outputs = FleetTopology.connect(new FleetTopology.Inputs(telemetry,
                env.fromData(plans, new AvroTypeInfo<>(PlanProfile.class)),
                none(env, ThresholdAck.class), none(env, ThresholdUpdate.class), none(env, RolloutCommand.class),
                none(env, RolloutEvent.class)), options, FleetTopology.Published.nothing());
        CollectingSink<ClassAggregate> aggregates = new CollectingSink<>();
        outputs.aggregates().sinkTo(aggregates);
        env.execute("stream-bench");
        return aggregates.take().stream().filter(aggregate -> !aggregate.getRollup()).map(JobContender::row).toList();
    }

    private static <T extends SpecificRecordBase> DataStream<T> none(StreamExecutionEnvironment env, Class<T> type) {
        return env.fromSequence(0, 0).flatMap((Long one, Collector<T> out) -> { }, new AvroTypeInfo<>(type));
    }

    private static Row row(ClassAggregate a) {
        return new Row(Row.key(a.getWindowStart().toEpochMilli(), a.getDeviceClass(), a.getModel(), a.getPlanId(), position(a.getBranch()),
                a.getPolicyEpoch(), a.getExplored()), a.getCount(), a.getColdCount(), a.getInvalidCount(), a.getFallbackCount(),
                a.getLatencyP50Nanos(), a.getLatencyP90Nanos(), a.getLatencyP99Nanos(), a.getLatencyMeanNanos(),
                a.getArenaPeakBytesMax(), a.getEnergyMicrojoulesMean() == null ? 0 : a.getEnergyMicrojoulesMean());
    }

    // The benchmark's plans have two branches a layer.
    private static int position(String branch) {
        if (branch == null) {
            return -1;
        }
        int dot = branch.indexOf('.');
        return 2 * Integer.parseInt(branch.substring(1, dot)) + Integer.parseInt(branch.substring(dot + 2));
    }

    /** Starts the clock with the first record. */
    private static final class Timed implements KafkaRecordDeserializationSchema<Intake> {
        private static final long serialVersionUID = 1L;

        private final TelemetryDeserializer deserializer;

        Timed(TelemetryDeserializer deserializer) {
            this.deserializer = deserializer;
        }

        @Override
        public void open(DeserializationSchema.InitializationContext context) throws Exception {
            deserializer.open(context);
        }

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Intake> out) {
            Clock.recordRead();
            deserializer.deserialize(record, out);
        }

        @Override
        public TypeInformation<Intake> getProducedType() {
            return deserializer.getProducedType();
        }
    }
}
