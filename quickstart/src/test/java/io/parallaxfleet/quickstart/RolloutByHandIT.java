package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A person steers the staged rollout of a simulated class from the command line: real broker, registry and Flink job, and a simulated
 * fleet that is large enough for stages and starts with thresholds that delegate too little.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RolloutByHandIT {
    private static final Duration DEADLINE = Duration.ofMinutes(4);
    private static final int DEVICES = 120;

    private DemoSystem system;
    private TopicCollector<RolloutEvent> events;
    private TopicCollector<ThresholdUpdate> updates;
    private TopicCollector<ThresholdAck> acks;
    private String deviceClass;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path cache = Files.createDirectories(Path.of("target", "model-cache").toAbsolutePath());
        DemoOptions options = new DemoOptions(0, DEVICES, List.of("fast-gpu"), List.of("squeezenet1_1", "mobilenet_v2"),
                OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(0), "paper", "paper", 0.4, Duration.ofSeconds(2),
                Duration.ofSeconds(4), directory, Optional.of(cache), AgentProcess.defaultJar());
        system = DemoSystem.start(options, line -> { }, () -> false);
        Map<String, Object> settings = ConnectionOptions.clientSettings(system.bootstrap());
        events = new TopicCollector<>(settings, system.registry(), Topic.ROLLOUTS, RolloutEvent.class);
        updates = new TopicCollector<>(settings, system.registry(), Topic.THRESHOLDS, ThresholdUpdate.class);
        acks = new TopicCollector<>(settings, system.registry(), Topic.THRESHOLD_ACKS, ThresholdAck.class);
        try (var devices = new TopicCollector<>(settings, system.registry(), Topic.DEVICES, DeviceProfile.class)) {
            deviceClass = Await.until(DEADLINE, "a device", () -> devices.find(DeviceProfile::getSimulated), () -> "").getDeviceClass();
        }
    }

    @AfterAll
    void stop() {
        events.close();
        updates.close();
        acks.close();
        system.close();
    }

    @Test
    @Order(1)
    void a_person_pauses_promotes_resumes_and_aborts_and_every_answer_says_who_and_why() {
        RolloutEvent proposed = Await.until(DEADLINE, "a proposal", () -> events.find(event ->
                event.getDecision() == RolloutDecision.PROPOSE), () -> events.records().toString());
        assertTrue(proposed.getSimulated());

        assertEquals(0, rollout("pause", deviceClass, "--reason", "phones run hot", "--by", "ada"));
        RolloutEvent paused = answer(RolloutDecision.PAUSE, "ada", "phones run hot");
        assertTrue(paused.getPaused());
        assertEquals(proposed.getRolloutId(), paused.getRolloutId());
        assertEquals(1, rollout("pause", deviceClass, "--reason", "again", "--by", "ada"), "what is paused cannot be paused");

        assertEquals(0, rollout("promote", deviceClass, "--reason", "they are mains powered", "--by", "cyd"));
        RolloutEvent promoted = answer(RolloutDecision.PROMOTE, "cyd", "they are mains powered");
        ThresholdUpdate stage = update(promoted.getEpoch());
        assertEquals(promoted.getRolloutId(), stage.getRolloutId());
        assertTrue(stage.getMembershipPerMille() > 0 && stage.getMembershipPerMille() < 1000, stage::toString);
        assertTrue(stage.getReason().contains("cyd") && stage.getReason().contains("they are mains powered"), stage::toString);

        assertEquals(0, rollout("resume", deviceClass, "--reason", "they cooled down", "--by", "ada"));
        answer(RolloutDecision.RESUME, "ada", "they cooled down");

        assertEquals(0, rollout("abort", deviceClass, "--reason", "another driver is on its way", "--by", "bob"));
        answer(RolloutDecision.ABORT, "bob", "another driver is on its way");
        ThresholdUpdate restored = Await.until(DEADLINE, "the thresholds before", () -> updates.find(update ->
                update.getStage() == RolloutStage.ROLLED_BACK && update.getRolloutId().equals(stage.getRolloutId())),
                () -> updates.records().toString());
        assertTrue(restored.getEpoch() > stage.getEpoch());
        assertEquals(1000, restored.getMembershipPerMille());

        assertEquals(1, rollout("promote", deviceClass, "--reason", "hurry", "--by", "eve"), "nothing is under way any more");
        assertEquals(Optional.empty(), system.casualty());
    }

    @Test
    @Order(2)
    void what_a_person_pins_reaches_every_device_of_the_class_until_it_is_unpinned() {
        assertEquals(0, rollout("pin", deviceClass, "--thresholds", "never", "--reason", "driver bug until 4.2", "--by", "ada"));
        RolloutEvent pinned = answer(RolloutDecision.PIN, "ada", "driver bug until 4.2");
        assertTrue(pinned.getPinned());
        ThresholdUpdate update = update(pinned.getEpoch());
        assertEquals(DelegationMode.NEVER, update.getMode());
        assertEquals(1000, update.getMembershipPerMille());
        assertEquals("ada: driver bug until 4.2", update.getReason());
        Await.until(DEADLINE, "all devices under epoch " + pinned.getEpoch(), () -> {
            acks.find(ack -> false);
            long applied = acks.records().stream().filter(ack -> ack.getEpoch() == pinned.getEpoch()
                    && ack.getOutcome() == AckOutcome.APPLIED).map(ThresholdAck::getDeviceId).distinct().count();
            return applied == DEVICES ? Optional.of(applied) : Optional.empty();
        }, () -> acks.records().size() + " acknowledgements");

        assertEquals(0, rollout("unpin", deviceClass, "--reason", "4.2 is out", "--by", "bob"));
        assertFalse(answer(RolloutDecision.UNPIN, "bob", "4.2 is out").getPinned());
        assertEquals(1, rollout("unpin", deviceClass, "--reason", "again", "--by", "bob"), "what is not pinned cannot be unpinned");
    }

    @Test
    @Order(4)
    void a_class_that_is_frozen_because_others_regressed_goes_on_when_a_person_releases_it() {
        assertEquals(1, rollout("release", deviceClass, "--reason", "nothing", "--by", "eve"), "what is not frozen cannot be released");
        publishRollbacksOf("sim-one", "sim-two", "sim-three");
        RolloutEvent frozen = Await.until(DEADLINE, "a freeze", () -> events.find(event ->
                event.getDecision() == RolloutDecision.FREEZE && event.getCommandId() == null && event.getDeviceClass().equals(deviceClass)), () -> events.records().toString());
        assertTrue(frozen.getFrozen());
        assertTrue(frozen.getReason().contains("sim-one, sim-three, sim-two"), frozen.getReason());

        assertEquals(0, rollout("release", deviceClass, "--reason", "a bad release of another engine", "--by", "ada"));
        RolloutEvent released = Await.until(DEADLINE, "the class's release", () -> events.find(event ->
                event.getDecision() == RolloutDecision.RELEASE && event.getActor().equals("ada")), () -> events.records().toString());
        assertFalse(released.getFrozen());
        assertTrue(released.getReason().contains("a bad release of another engine"), released.getReason());
        assertEquals(Optional.empty(), system.casualty());
    }

    @Test
    @Order(3)
    void a_person_freezes_the_whole_fleet_and_lets_it_go_on() {
        assertEquals(0, rollout("freeze", "--why", "devices report odd batteries", "--who", "ada"));
        RolloutEvent frozen = answer(RolloutDecision.FREEZE, "ada", "devices report odd batteries");
        assertTrue(frozen.getFrozen());
        assertEquals(deviceClass, frozen.getDeviceClass());
        assertEquals(1, rollout("promote", deviceClass, "--why", "hurry", "--who", "eve"), "nothing goes further in a frozen fleet");
        assertTrue(list().contains("The whole fleet is frozen since"), this::list);

        assertEquals(0, rollout("unfreeze", "--why", "a bad gauge, replaced", "--who", "bob"));
        RolloutEvent released = Await.until(DEADLINE, "the fleet's release", () -> events.find(event ->
                event.getDecision() == RolloutDecision.RELEASE && event.getActor().equals("bob")), () -> events.records().toString());
        assertFalse(released.getFrozen());
        assertFalse(list().contains("The whole fleet is frozen"), this::list);
        assertEquals(Optional.empty(), system.casualty());
    }

    private String list() {
        StringWriter said = new StringWriter();
        rollout(said, "list");
        return said.toString();
    }

    // As the job's other classes would: it reads its own events back.
    private void publishRollbacksOf(String... classes) {
        try (KafkaProducer<String, RolloutEvent> producer = new KafkaProducer<>(ConnectionOptions.clientSettings(system.bootstrap()),
                new StringSerializer(), new AvroRecordSerializer<>(system.registry()))) {
            for (String name : classes) {
                RolloutEvent event = RolloutEvent.newBuilder(events.records().get(0))
                        .setDeviceClass(name)
                        .setDecision(RolloutDecision.ROLLBACK)
                        .setCommandId(null)
                        .setTimestamp(Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS))
                        .build();
                producer.send(new ProducerRecord<>(Topic.ROLLOUTS.topicName(), name, event));
            }
        }
    }

    private ThresholdUpdate update(long epoch) {
        return Await.until(DEADLINE, "epoch " + epoch + " on the topic", () -> updates.find(update -> update.getEpoch() == epoch
                && update.getDeviceClass().equals(deviceClass)), () -> updates.records().toString());
    }

    private RolloutEvent answer(RolloutDecision decision, String actor, String reason) {
        RolloutEvent answer = Await.until(DEADLINE, decision + " on the topic", () -> events.find(event ->
                event.getDecision() == decision && event.getCommandId() != null), () -> events.records().toString());
        assertEquals(actor, answer.getActor());
        assertTrue(answer.getReason().contains(reason), answer.getReason());
        return answer;
    }

    private int rollout(String... arguments) {
        return rollout(new StringWriter(), arguments);
    }

    private int rollout(StringWriter said, String... arguments) {
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(said, true));
        commands.setErr(new PrintWriter(said, true));
        List<String> all = new ArrayList<>(List.of("rollout"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--bootstrap", system.bootstrap(), "--registry", system.registryUrl().toString()));
        return commands.execute(all.toArray(String[]::new));
    }
}
