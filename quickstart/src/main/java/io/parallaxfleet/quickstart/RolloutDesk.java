package io.parallaxfleet.quickstart;

import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Hands a command for a rollout to the job and waits for its answer, both through the topics. */
final class RolloutDesk {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int BROKER_PATIENCE_MILLIS = 15_000;

    private final Map<String, Object> clientSettings;
    private final SchemaRegistry registry;

    /** @param clientSettings Kafka client settings, at least {@code bootstrap.servers} */
    RolloutDesk(Map<String, Object> clientSettings, SchemaRegistry registry) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.registry = registry;
    }

    /**
     * Publishes the command and waits for the events that carry its id. The job commits its answers with its checkpoints, so one
     * takes about a checkpoint interval.
     *
     * @param classes that are to answer, one event each
     * @return fewer than these when no more came in time; the command stays in the topic and is followed when the job resumes
     * @throws StartupException when the brokers do not take the command
     */
    List<RolloutEvent> ask(RolloutCommand command, Set<String> classes, Duration patience) {
        try (Consumer<byte[], byte[]> answers = answersFromNowOn()) {
            publish(command);
            return await(answers, command.getCommandId(), classes, patience);
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    private Consumer<byte[], byte[]> answersFromNowOn() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put("isolation.level", "read_committed");
        settings.put("default.api.timeout.ms", BROKER_PATIENCE_MILLIS);
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> partitions = IntStream.range(0, Topic.ROLLOUTS.partitions())
                    .mapToObj(partition -> new TopicPartition(Topic.ROLLOUTS.topicName(), partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            // Seeking is lazy: without this the answer could come before the consumer looks where the end is.
            partitions.forEach(consumer::position);
            return consumer;
        } catch (KafkaException e) {
            consumer.close();
            throw e;
        }
    }

    private void publish(RolloutCommand command) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("max.block.ms", BROKER_PATIENCE_MILLIS);
        try (Producer<String, RolloutCommand> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new AvroRecordSerializer<>(registry))) {
            producer.send(new ProducerRecord<>(Topic.ROLLOUT_COMMANDS.topicName(), command.getDeviceClass(), command)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted; the command may not be published", e);
        } catch (ExecutionException e) {
            throw unreachable(e);
        }
    }

    private List<RolloutEvent> await(Consumer<byte[], byte[]> answers, String commandId, Set<String> classes, Duration patience) {
        Map<String, RolloutEvent> byClass = new TreeMap<>();
        AvroRecordDeserializer<RolloutEvent> deserializer = new AvroRecordDeserializer<>(registry, RolloutEvent.class);
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline && !byClass.keySet().containsAll(classes)) {
            for (ConsumerRecord<byte[], byte[]> record : answers.poll(POLL)) {
                decode(deserializer, record).filter(event -> commandId.equals(event.getCommandId()))
                        .ifPresent(event -> byClass.put(event.getDeviceClass(), event));
            }
        }
        return List.copyOf(byClass.values());
    }

    private static Optional<RolloutEvent> decode(AvroRecordDeserializer<RolloutEvent> deserializer,
            ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.ofNullable(deserializer.deserialize(record.topic(), record.value()));
        } catch (UndecodableRecordException garbage) {
            // Another writer's garbage is no answer.
            return Optional.empty();
        }
    }

    private StartupException unreachable(Exception e) {
        Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
        return new StartupException("the brokers at " + clientSettings.get("bootstrap.servers") + " did not take the command: "
                + cause.getMessage() + "; 'parallax topics' creates missing topics", e);
    }
}
