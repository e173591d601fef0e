package io.parallaxfleet.quickstart;

import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Stands in for the Flink job: answers every command for one class once, as a function says. */
final class AnsweringJob implements AutoCloseable {
    private final Thread thread;
    private volatile boolean ended;

    AnsweringJob(Map<String, Object> settings, SchemaRegistry registry, String deviceClass,
            Function<RolloutCommand, RolloutEvent> answer) {
        thread = new Thread(() -> run(settings, registry, deviceClass, answer), "answering-job");
        thread.start();
    }

    private void run(Map<String, Object> settings, SchemaRegistry registry, String deviceClass,
            Function<RolloutCommand, RolloutEvent> answer) {
        Set<String> answered = new HashSet<>();
        try (var commands = new TopicCollector<>(settings, registry, Topic.ROLLOUT_COMMANDS, RolloutCommand.class);
                var producer = new KafkaProducer<>(settings, new StringSerializer(),
                        new AvroRecordSerializer<RolloutEvent>(registry))) {
            while (!ended) {
                commands.find(command -> command.getDeviceClass().equals(deviceClass) && answered.add(command.getCommandId()))
                        .ifPresent(command -> {
                            producer.send(new ProducerRecord<>(Topic.ROLLOUTS.topicName(), deviceClass, answer.apply(command)));
                            producer.flush();
                        });
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
