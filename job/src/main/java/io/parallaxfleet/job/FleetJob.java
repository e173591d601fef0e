package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.ControlRules;
import io.parallaxfleet.operators.decode.RawRecord;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.exploration.ExplorationKeys;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The whole job: Kafka in, Kafka out. */
public final class FleetJob {
    /** Name under which it shows on a cluster. */
    public static final String NAME = "parallax-fleet";

    /** Key groups, fixed for ever: a savepoint can only be restored with as many, and at no higher parallelism. */
    static final int MAX_PARALLELISM = 128;

    // A control topic is quiet most of the time and must not hold event time back.
    private static final Duration CONTROL_IDLENESS = Duration.ofSeconds(1);

    private FleetJob() {}

    /**
     * Adds the job to an environment. Reads the thresholds topic once to its end before, so that the job never gives out an epoch
     * that is taken; the fleet's topics must exist.
     *
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when the brokers do not answer
     */
    public static void build(StreamExecutionEnvironment env, JobOptions options) {
        build(env, options, PublishedThresholds.read(options));
    }

    static void build(StreamExecutionEnvironment env, JobOptions options, PublishedThresholds published) {
        configure(env, options);
        DataStream<Intake> telemetry = env.fromSource(
                        source(options, Topic.TELEMETRY, committed(OffsetResetStrategy.EARLIEST), new TelemetryDeserializer(options.registry())),
                        new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "telemetry")
                .uid("source-telemetry");
        // The compacted topics are read whole at each start: their last values are what holds.
        SingleOutputStreamOperator<PlanProfile> plans =
                control(env, options, Topic.PLANS, OffsetsInitializer.earliest(), PlanProfile.class,
                ControlRules::firstFault);
        SingleOutputStreamOperator<ThresholdUpdate> thresholds =
                control(env, options, Topic.THRESHOLDS, OffsetsInitializer.earliest(), ThresholdUpdate.class,
                ControlRules::firstFault);
        SingleOutputStreamOperator<ThresholdAck> acks =
                control(env, options, Topic.THRESHOLD_ACKS, committed(OffsetResetStrategy.EARLIEST), ThresholdAck.class,
                ControlRules::firstFault);
        // What people asked of an earlier job is not asked again of the first start of another.
        SingleOutputStreamOperator<RolloutCommand> commands =
                control(env, options, Topic.ROLLOUT_COMMANDS, committed(OffsetResetStrategy.LATEST), RolloutCommand.class,
                ControlRules::firstFault);
        SingleOutputStreamOperator<RolloutEvent> rollouts =
                control(env, options, Topic.ROLLOUTS, committed(OffsetResetStrategy.LATEST), RolloutEvent.class,
                ControlRules::firstFault);

        FleetTopology.Outputs outputs = FleetTopology.connect(
                new FleetTopology.Inputs(telemetry, plans, acks, thresholds, commands, rollouts), options,
                new FleetTopology.Published(published.newest(),
                        ControlTopic.of(options, Topic.PLANS, PlanProfile.class, ControlRules::firstFault)::read));

        sink(outputs.aggregates(), options, Topic.AGGREGATES, ClassAggregate::getDeviceClass);
        sink(outputs.thresholds(), options, Topic.THRESHOLDS, ThresholdKeys::of);
        sink(outputs.rollouts(), options, Topic.ROLLOUTS, RolloutEvent::getDeviceClass);
        sink(outputs.exploration(), options, Topic.EXPLORATION, ExplorationKeys::of);
        DataStream<DeadLetter> deadLetters = outputs.deadLetters().union(
                plans.getSideOutput(DecodeFunction.DEAD_LETTERS),
                thresholds.getSideOutput(DecodeFunction.DEAD_LETTERS),
                acks.getSideOutput(DecodeFunction.DEAD_LETTERS),
                commands.getSideOutput(DecodeFunction.DEAD_LETTERS),
                rollouts.getSideOutput(DecodeFunction.DEAD_LETTERS));
        sink(deadLetters, options, Topic.DEAD_LETTERS, null);
    }

    /** Settings that the topology relies on whatever runs it. */
    public static void configure(StreamExecutionEnvironment env, JobOptions options) {
        Configuration configuration = new Configuration();
        // A type that would fall back to Kryo is a mistake, and fails when the job is built.
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        // No function keeps or changes what it was given.
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        CheckpointOptions checkpoints = options.checkpoints();
        // A slow checkpoint must leave time for the work itself.
        configuration.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, checkpoints.interval().dividedBy(2));
        checkpoints.directory()
                .ifPresent(directory -> configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory));
        env.configure(configuration);
        env.enableCheckpointing(checkpoints.interval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
    }

    // Kafka 4 deprecates the class, the connector still asks for it.
    @SuppressWarnings("deprecation")
    private static OffsetsInitializer committed(OffsetResetStrategy otherwise) {
        return OffsetsInitializer.committedOffsets(otherwise);
    }

    private static <T> KafkaSource<T> source(JobOptions options, Topic topic, OffsetsInitializer start,
            KafkaRecordDeserializationSchema<T> deserializer) {
        return KafkaSource.<T>builder()
                .setBootstrapServers(options.bootstrap())
                .setTopics(topic.topicName())
                .setGroupId(options.group())
                .setClientIdPrefix(options.group() + "-" + topic.topicName())
                .setStartingOffsets(start)
                .setDeserializer(deserializer)
                // Thresholds come back from where this job publishes them: those of an aborted transaction never were.
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .build();
    }

    private static <T extends SpecificRecordBase> SingleOutputStreamOperator<T> control(StreamExecutionEnvironment env,
            JobOptions options, Topic topic, OffsetsInitializer start, Class<T> type,
            SerializableFunction<T, Optional<String>> firstFault) {
        return env.fromSource(source(options, topic, start, new RawDeserializer()),
                        WatermarkStrategy.<RawRecord>noWatermarks().withIdleness(CONTROL_IDLENESS), topic.topicName())
                .uid("source-" + topic.topicName())
                .setParallelism(1)
                .process(new DecodeFunction<>(options.registry(), type, firstFault), new AvroTypeInfo<>(type))
                .name("decode " + topic.topicName())
                .uid("decode-" + topic.topicName())
                .setParallelism(1);
    }

    private static <T extends SpecificRecord> void sink(DataStream<T> stream, JobOptions options, Topic topic,
            SerializableFunction<T, String> key) {
        CheckpointOptions checkpoints = options.checkpoints();
        KafkaSink<T> sink = KafkaSink.<T>builder()
                .setBootstrapServers(options.bootstrap())
                .setRecordSerializer(new AvroTopicSerializer<>(topic, options.registry(), key))
                .setDeliveryGuarantee(checkpoints.delivery().guarantee())
                .setTransactionalIdPrefix(options.group() + "-" + topic.topicName())
                // Brokers remember an id for a week: with a checkpoint a second, a new id for each would fill their memory.
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, String.valueOf(checkpoints.transactionTimeout().toMillis()))
                .build();
        stream.sinkTo(sink).name("to " + topic.topicName()).uid("sink-" + topic.topicName()).setParallelism(1);
    }
}
