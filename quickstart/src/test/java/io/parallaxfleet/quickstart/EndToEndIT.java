package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.quickstart.observe.ClassStory;
import io.parallaxfleet.quickstart.observe.Direction;
import io.parallaxfleet.quickstart.observe.StoryReport;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.thresholds.ThresholdText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import picocli.CommandLine;

/**
 * The whole loop, all of it real: broker, registry, Flink job, one agent process on this machine's hardware, a small simulated
 * fleet, the dashboard. The agent starts with thresholds that delegate everything, and one of its models has only regions that are
 * too small for any accelerator; what pays on the others is this machine's own affair. The simulated phones start with the paper's,
 * which delegate too little for theirs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndIT {
    private static final Duration DEADLINE = Duration.ofMinutes(4);
    private static final String CHOPPED = "chopped";
    private static final List<String> MODELS = List.of("squeezenet1_1", "mobilenet_v2", "all-minilm-l6-v2", CHOPPED);
    private static final String AGENT = "agent-1";
    private static final String DELEGATE_EVERYTHING = "N=1,F=1e5,B/F=1e6";

    private DemoSystem system;
    private Map<String, Object> settings;
    private TopicCollector<DeviceProfile> devices;
    private TopicCollector<InferenceTelemetry> telemetry;
    private TopicCollector<ClassAggregate> aggregates;
    private TopicCollector<ThresholdUpdate> thresholds;
    private TopicCollector<ThresholdAck> acks;
    private TopicCollector<DeadLetter> deadLetters;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path cache = Files.createDirectories(Path.of("target", "model-cache").toAbsolutePath());
        String chopped = ChoppedModel.write(directory.resolve(CHOPPED + ".onnx")).toString();
        List<String> models = MODELS.stream().map(name -> name.equals(CHOPPED) ? chopped : name).toList();
        DemoOptions options = new DemoOptions(1, 8, List.of("fast-gpu"), models, OptionalInt.of(0), OptionalInt.of(0),
                OptionalInt.of(0), DELEGATE_EVERYTHING, "paper", 0.4, Duration.ofSeconds(5), Duration.ofSeconds(10), directory,
                Optional.of(cache), AgentProcess.defaultJar());
        system = DemoSystem.start(options, line -> { }, () -> false);
        settings = ConnectionOptions.clientSettings(system.bootstrap());
        devices = collector(Topic.DEVICES, DeviceProfile.class);
        telemetry = collector(Topic.TELEMETRY, InferenceTelemetry.class);
        aggregates = collector(Topic.AGGREGATES, ClassAggregate.class);
        thresholds = collector(Topic.THRESHOLDS, ThresholdUpdate.class);
        acks = collector(Topic.THRESHOLD_ACKS, ThresholdAck.class);
        deadLetters = collector(Topic.DEAD_LETTERS, DeadLetter.class);
    }

    @AfterAll
    void stop() {
        for (TopicCollector<?> collector : List.of(devices, telemetry, aggregates, thresholds, acks, deadLetters)) {
            collector.close();
        }
        system.close();
        assertTrue(system.processes().stream().noneMatch(AgentProcess::isAlive), "no process outlives the system");
    }

    @Test
    @Order(1)
    void real_and_simulated_devices_announce_themselves_apart() {
        DeviceProfile real = await(devices, "the agent's profile", profile -> profile.getDeviceId().equals(AGENT));
        DeviceProfile modelled = await(devices, "a simulated device's profile", DeviceProfile::getSimulated);
        assertFalse(real.getSimulated());
        assertFalse(real.getDeviceClass().startsWith("sim-"), real.getDeviceClass());
        assertTrue(modelled.getDeviceClass().startsWith("sim-"), modelled.getDeviceClass());
    }

    @Test
    @Order(2)
    void telemetry_of_the_agent_decodes_and_names_every_branch_of_its_plan() {
        InferenceTelemetry record = await(telemetry, "telemetry of the agent", t -> t.getDeviceId().equals(AGENT));
        int branches = record.getBranchLatencyNanos().size();
        assertTrue(branches > 0);
        assertEquals(branches, record.getBranchPlanned().remaining());
        assertEquals(branches, record.getBranchActual().remaining());
        assertTrue(MODELS.contains(record.getModel()), record.getModel());
        assertEquals(0, telemetry.undecodable());
    }

    @Test
    @Order(3)
    void aggregates_of_the_simulated_class_carry_ordered_quantiles() {
        ClassAggregate window = await(aggregates, "an aggregate of a simulated class", a -> a.getSimulated() && a.getCount() > 0);
        assertTrue(window.getLatencyP50Nanos() <= window.getLatencyP90Nanos()
                && window.getLatencyP90Nanos() <= window.getLatencyP99Nanos(), window.toString());
        assertTrue(window.getDeviceClass().startsWith("sim-"));
    }

    @Test
    @Order(4)
    void a_record_that_cannot_be_read_goes_to_the_dead_letters_with_its_address_and_stops_nothing() throws Exception {
        byte[] garbage = "{\"not\": \"avro\"}".getBytes(StandardCharsets.UTF_8);
        RecordMetadata sent = send(Topic.TELEMETRY, "poison", garbage);
        DeadLetter letter = await(deadLetters, "the dead letter", l -> l.getTopic().equals(Topic.TELEMETRY.topicName())
                && l.getPartition() == sent.partition() && l.getOffset() == sent.offset());
        byte[] kept = new byte[letter.getValue().remaining()];
        letter.getValue().duplicate().get(kept);
        assertEquals(new String(garbage, StandardCharsets.UTF_8), new String(kept, StandardCharsets.UTF_8));
        assertFalse(letter.getReason().isBlank());
        assertEquals(Optional.empty(), system.casualty());
    }

    @Test
    @Order(5)
    void the_class_with_a_fast_accelerator_is_told_to_delegate_more_and_gets_faster() {
        ClassStory story = awaitStory("simulated devices run new thresholds on at least one model", s -> s.simulated()
                && s.policyAfter().isPresent() && s.applied() == s.devices() && s.overallRatio().isPresent());
        assertEquals(Direction.MORE, story.direction());
        // Modelled time, not measured: the accelerator of this profile wins on nearly every region.
        assertTrue(story.overallRatio().getAsDouble() < 0.9, story.toString());
    }

    @Test
    @Order(6)
    void a_class_that_delegates_regions_too_small_for_any_accelerator_is_told_to_stop_and_re_plans_without_a_restart() {
        requireAccelerator();
        ThresholdUpdate update = await(thresholds, "thresholds for the agent's class",
                u -> !u.getSimulated() && u.getCostModel() != null);
        assertTrue(update.getReason().contains("instead of " + ThresholdText.parse(DELEGATE_EVERYTHING).describe()),
                "new thresholds compete with those the agent started with: " + update.getReason());
        ThresholdAck ack = await(acks, "the agent's acknowledgement",
                a -> a.getDeviceId().equals(AGENT) && a.getEpoch() >= update.getEpoch() && a.getOutcome() == AckOutcome.APPLIED);
        Replan chopped = ack.getPlans().stream().filter(plan -> plan.getModel().equals(CHOPPED)).findFirst().orElseThrow();
        assertTrue(chopped.getDelegatedRegionsBefore() > 0, ack.toString());
        assertEquals(0, chopped.getDelegatedRegionsAfter(), ack.toString());
        InferenceTelemetry before = await(telemetry, "telemetry before", t -> t.getDeviceId().equals(AGENT));
        InferenceTelemetry after = await(telemetry, "telemetry under the new thresholds",
                t -> t.getDeviceId().equals(AGENT) && t.getPolicyEpoch() >= update.getEpoch());
        assertEquals(before.getSessionId(), after.getSessionId(), "the agent did not restart");
    }

    @Test
    @Order(7)
    void thresholds_set_by_hand_are_applied_by_the_devices_of_the_class() {
        String deviceClass = await(devices, "a simulated class", DeviceProfile::getSimulated).getDeviceClass();
        StringWriter out = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out, true));
        int exit = commands.execute("thresholds", "set", "--bootstrap", system.bootstrap(), "--registry",
                system.registryUrl().toString(), "--class", deviceClass, "--thresholds", "N=2,F=3e6,B/F=0.7", "--reason",
                "end-to-end test", "--issued-by", "somebody");
        assertEquals(0, exit);
        ThresholdUpdate update = await(thresholds, "the update by hand", u -> u.getIssuedBy().equals("somebody"));
        assertTrue(out.toString().contains("epoch " + update.getEpoch()), out.toString());
        await(acks, "a device that applied it", a -> a.getDeviceClass().equals(deviceClass)
                && a.getEpoch() == update.getEpoch() && a.getOutcome() == AckOutcome.APPLIED);
    }

    @Test
    @Order(8)
    void thresholds_out_of_range_are_refused_by_the_agent_with_a_reason_and_change_nothing() throws Exception {
        DeviceProfile real = await(devices, "the agent's profile", profile -> profile.getDeviceId().equals(AGENT));
        ThresholdUpdate broken = new ThresholdSheet(List.of())
                .next(real.getDeviceClass(), new DelegationPolicy.Never(), "somebody", "broken",
                        real.getStartedAt());
        broken.setMode(DelegationMode.THRESHOLDS);
        broken.setMinOperators(-1);
        // Above every epoch the job may have given out.
        broken.setEpoch(1_000_000);
        send(Topic.THRESHOLDS, real.getDeviceClass(), encode(Topic.THRESHOLDS, broken));
        ThresholdAck refusal = await(acks, "the refusal", a -> a.getDeviceId().equals(AGENT) && a.getEpoch() == 1_000_000);
        assertEquals(AckOutcome.REFUSED, refusal.getOutcome());
        assertTrue(refusal.getReason().contains("minOperators"), refusal.getReason());
    }

    @Test
    @Order(9)
    void the_dashboard_shows_both_classes_with_their_label() throws Exception {
        try (HeadlessBrowser browser = HeadlessBrowser.start()) {
            browser.driver().get(system.dashboard().orElseThrow().toString());
            String simulated = await(devices, "a simulated class", DeviceProfile::getSimulated).getDeviceClass();
            String real = await(devices, "the agent's profile", p -> p.getDeviceId().equals(AGENT)).getDeviceClass();
            Supplier<String> page = () -> browser.driver().findElement(By.tagName("body")).getText();
            Await.until(DEADLINE, "both classes on the page", () -> {
                String source = browser.driver().getPageSource();
                return source.contains(simulated) && source.contains(real) && page.get().toLowerCase(Locale.ROOT).contains("simulated")
                        ? Optional.of(true) : Optional.empty();
            }, page);
            browser.screenshot("end-to-end");
        }
    }

    @Test
    @Order(10)
    void every_component_lived_to_the_end() {
        assertEquals(Optional.empty(), system.casualty());
    }

    private void requireAccelerator() {
        DeviceProfile real = await(devices, "the agent's profile", profile -> profile.getDeviceId().equals(AGENT));
        if (real.getAccelerator() == null) {
            Requirements.missing("PARALLAX_REQUIRE_OPENCL",
                    "no OpenCL device; install one with: apt-get install pocl-opencl-icd ocl-icd-libopencl1");
        }
    }

    private <T extends SpecificRecord> TopicCollector<T> collector(Topic topic, Class<T> type) {
        return new TopicCollector<>(settings, system.registry(), topic, type);
    }

    private <T extends SpecificRecord> T await(TopicCollector<T> collector, String what, Predicate<T> wanted) {
        return Await.until(DEADLINE, what, () -> collector.find(wanted), this::describeSystem);
    }

    private ClassStory awaitStory(String what, Predicate<ClassStory> wanted) {
        return Await.until(DEADLINE, what,
                () -> system.observer().stories().stream().filter(wanted).findFirst(), this::describeSystem);
    }

    private String describeSystem() {
        StringBuilder text = new StringBuilder(String.join("\n", StoryReport.text(system.observer().stories())));
        system.processes().forEach(process -> text.append(process.name()).append(": ").append(process.lastLine().orElse("-")).append('\n'));
        system.casualty().ifPresent(text::append);
        return text.toString();
    }

    private <T extends SpecificRecord> byte[] encode(Topic topic, T record) {
        return new AvroRecordSerializer<T>(system.registry()).serialize(topic.topicName(), record);
    }

    private RecordMetadata send(Topic topic, String key, byte[] value) throws Exception {
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            return producer.send(new ProducerRecord<>(topic.topicName(), key, value)).get();
        }
    }
}
