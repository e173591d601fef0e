package io.parallaxfleet.quickstart;

import static io.parallaxfleet.quickstart.rollout.RolloutRecords.event;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.update;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The verbs against a real broker; what the job answers is scripted. */
@Timeout(300)
class RolloutVerbsTest {
    private static final AtomicInteger CLASSES = new AtomicInteger();
    private static EmbeddedKafka broker;
    private static EmbeddedSchemaRegistry registry;

    /** Every test has a class of its own, so that one broker does for all. */
    private final String deviceClass = "sim-" + CLASSES.incrementAndGet();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        broker = EmbeddedKafka.start();
        registry = EmbeddedSchemaRegistry.start(TopicSchemaStore.open(settings(), Optional.empty()), 0);
        try (Admin admin = Admin.create(settings())) {
            TopicCatalogue.createMissing(admin, Optional.empty());
        }
    }

    @AfterAll
    static void stop() {
        registry.close();
        broker.close();
    }

    @Test
    void pause_writes_who_and_why_and_the_rollout_that_was_looked_at_and_tells_the_answer() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(0, act(RolloutVerbsTest::done, "pause", deviceClass, "--reason", "phones run hot", "--by", "ada"), err.toString());
        RolloutCommand command = commands().get(0);
        assertEquals(RolloutAction.PAUSE, command.getAction());
        assertEquals("ada", command.getActor());
        assertEquals("phones run hot", command.getReason());
        assertEquals("r-1", command.getRolloutId());
        assertTrue(command.getSimulated());
        assertTrue(out.toString().contains("PAUSE " + deviceClass + ": epoch 5, 1 %, paused; by ada: phones run hot"), out.toString());
    }

    @Test
    void without_a_name_the_user_of_the_operating_system_is_who() throws Exception {
        aRolloutIsUnderWay();
        act(RolloutVerbsTest::done, "abort", deviceClass, "--reason", "r");
        assertEquals(System.getProperty("user.name"), commands().get(0).getActor());
    }

    @Test
    void the_answer_is_also_for_machines() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(0, act(RolloutVerbsTest::done, "pause", deviceClass, "--reason", "r", "--by", "ada", "--json"), err.toString());
        JsonNode answer = new ObjectMapper().readTree(out.toString());
        assertEquals(commands().get(0).getCommandId(), answer.get("commandId").asText());
        assertTrue(answer.get("paused").asBoolean());
    }

    @Test
    void a_refusal_is_one_line_and_exit_code_1() throws Exception {
        aRolloutIsUnderWay();
        Function<RolloutCommand, RolloutEvent> refuse = command ->
                answer(command, RolloutDecision.REFUSE).setReason("it is paused already").build();
        assertEquals(1, act(refuse, "pause", deviceClass, "--reason", "r"));
        assertEquals("parallax rollout pause: the job refused: it is paused already", err.toString().strip());
    }

    @Test
    void without_a_job_the_command_stays_and_the_exit_code_says_so() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(RolloutAsking.NO_ANSWER, run("pause", deviceClass, "--reason", "r", "--timeout", "500ms"));
        assertTrue(err.toString().contains(commands().get(0).getCommandId() + " stays in parallax.rollout-commands"), err.toString());
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
    }

    @Test
    void an_unknown_class_is_one_line_that_names_the_known_ones_and_nothing_is_sent() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(1, run("pin", "sim-fone", "--reason", "r", "--thresholds", "never"));
        assertTrue(err.toString().contains("sim-fone") && err.toString().contains(deviceClass), err.toString());
        assertEquals(List.of(), commands());
    }

    @Test
    void without_a_rollout_under_way_there_is_nothing_to_pause() throws Exception {
        publish(Topic.ROLLOUTS, event(RolloutDecision.COMPLETE, "r-1", 5, RolloutStage.FULL, 1000).setDeviceClass(deviceClass).build());
        assertEquals(1, run("pause", deviceClass, "--reason", "r"));
        assertTrue(err.toString().contains("no rollout under way (complete)"), err.toString());
        assertEquals(List.of(), commands());
    }

    @Test
    void pin_brings_thresholds_to_a_class_whether_or_not_it_has_a_rollout() throws Exception {
        publish(Topic.THRESHOLDS, update(4, "r-0", 1000).setDeviceClass(deviceClass).build());
        assertEquals(0, act(RolloutVerbsTest::done, "pin", deviceClass, "--reason", "r", "--thresholds", "N=2,F=5e8"), err.toString());
        assertEquals(500_000_000L, commands().get(0).getThresholds().getMinMacs());
        assertNull(commands().get(0).getRolloutId());
    }

    @Test
    void pin_without_thresholds_pins_those_in_force() throws Exception {
        publish(Topic.THRESHOLDS, update(4, "r-0", 1000).setDeviceClass(deviceClass).build());
        act(RolloutVerbsTest::done, "pin", deviceClass, "--reason", "r");
        assertNull(commands().get(0).getThresholds());
    }

    @Test
    void a_freeze_is_one_command_for_all_classes_and_list_says_who_froze_the_fleet() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(RolloutAsking.NO_ANSWER, run("freeze", "--why", "odd batteries", "--who", "ada", "--timeout", "500ms"));
        assertTrue(err.toString().contains("stays in parallax.rollout-commands"), err.toString());
        assertEquals(0, run("list"));
        assertTrue(out.toString().contains("The whole fleet is frozen since") && out.toString().contains("by ada: odd batteries"),
                out.toString());
    }

    @Test
    void list_and_show_read_what_the_topics_hold() throws Exception {
        aRolloutIsUnderWay();
        assertEquals(0, run("list"), err.toString());
        assertTrue(out.toString().contains(deviceClass) && out.toString().contains("SIMULATED"), out.toString());
        assertEquals(0, run("show", deviceClass, "--json"), err.toString());
        assertNotEquals(0, run("show", "nosuch"));
        assertTrue(err.toString().contains("known classes: ") && err.toString().contains(deviceClass), err.toString());
    }

    private void aRolloutIsUnderWay() throws Exception {
        publish(Topic.THRESHOLDS, update(4, "r-0", 1000).setDeviceClass(deviceClass).build());
        publish(Topic.THRESHOLDS, update(5, "r-1", 10).setDeviceClass(deviceClass).build());
        publish(Topic.ROLLOUTS, event(RolloutDecision.PROMOTE, "r-1", 5, RolloutStage.CANARY, 10).setDeviceClass(deviceClass).build());
    }

    private static RolloutEvent done(RolloutCommand command) {
        return answer(command, RolloutDecision.valueOf(command.getAction().name())).build();
    }

    private static RolloutEvent.Builder answer(RolloutCommand command, RolloutDecision decision) {
        return event(decision, "r-1", 5, RolloutStage.CANARY, 10)
                .setDeviceClass(command.getDeviceClass())
                .setActor(command.getActor())
                .setReason(command.getReason())
                .setCommandId(command.getCommandId())
                .setPaused(command.getAction() == RolloutAction.PAUSE);
    }

    private int act(Function<RolloutCommand, RolloutEvent> answer, String... arguments) throws InterruptedException {
        try (AnsweringJob job = new AnsweringJob(settings(), new HttpSchemaRegistry(registry.url()), deviceClass, answer)) {
            return run(arguments);
        }
    }

    private int run(String... arguments) {
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out, true));
        commands.setErr(new PrintWriter(err, true));
        return commands.execute(Stream.of(Stream.of("rollout"), Stream.of(arguments),
                        Stream.of("--bootstrap", broker.bootstrapServers(), "--registry", registry.url().toString()))
                .flatMap(Function.identity()).toArray(String[]::new));
    }

    private List<RolloutCommand> commands() {
        return TopicSnapshot.read(settings(), new HttpSchemaRegistry(registry.url()), Topic.ROLLOUT_COMMANDS, RolloutCommand.class)
                .stream()
                .filter(command -> command.getDeviceClass().equals(deviceClass))
                .toList();
    }

    private <T extends SpecificRecord> void publish(Topic topic, T record) throws Exception {
        try (var producer = new KafkaProducer<>(settings(), new StringSerializer(),
                new AvroRecordSerializer<T>(new HttpSchemaRegistry(registry.url())))) {
            producer.send(new ProducerRecord<>(topic.topicName(), "key", record)).get();
        }
    }

    private static Map<String, Object> settings() {
        return ConnectionOptions.clientSettings(broker.bootstrapServers());
    }
}
