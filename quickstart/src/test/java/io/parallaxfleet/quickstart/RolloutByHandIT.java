package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A person steers the staged rollout of a simulated class from the command line: real broker, registry and Flink job, and a simulated
 * fleet that is large enough for stages and starts with thresholds that delegate too little.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutByHandIT {
    private static final Duration DEADLINE = Duration.ofMinutes(4);
    private static final int DEVICES = 120;

    private DemoSystem system;
    private TopicCollector<RolloutEvent> events;
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
        try (var devices = new TopicCollector<>(settings, system.registry(), Topic.DEVICES, DeviceProfile.class)) {
            deviceClass = Await.until(DEADLINE, "a device", () -> devices.find(DeviceProfile::getSimulated), () -> "").getDeviceClass();
        }
    }

    @AfterAll
    void stop() {
        events.close();
        system.close();
    }

    @Test
    void a_person_pauses_resumes_and_aborts_and_every_answer_says_who_and_why() {
        RolloutEvent proposed = Await.until(DEADLINE, "a proposal", () -> events.find(event ->
                event.getDecision() == RolloutDecision.PROPOSE), () -> events.records().toString());
        assertTrue(proposed.getSimulated());

        assertEquals(0, rollout("pause", deviceClass, "--reason", "phones run hot", "--by", "ada"));
        RolloutEvent paused = answer(RolloutDecision.PAUSE, "ada", "phones run hot");
        assertTrue(paused.getPaused());
        assertEquals(proposed.getRolloutId(), paused.getRolloutId());
        assertEquals(1, rollout("pause", deviceClass, "--reason", "again", "--by", "ada"), "what is paused cannot be paused");

        assertEquals(0, rollout("resume", deviceClass, "--reason", "they cooled down", "--by", "ada"));
        answer(RolloutDecision.RESUME, "ada", "they cooled down");

        assertEquals(0, rollout("abort", deviceClass, "--reason", "another driver is on its way", "--by", "bob"));
        answer(RolloutDecision.ABORT, "bob", "another driver is on its way");

        assertEquals(1, rollout("promote", deviceClass, "--reason", "hurry", "--by", "eve"), "nothing is under way any more");
        assertEquals(Optional.empty(), system.casualty());
    }

    private RolloutEvent answer(RolloutDecision decision, String actor, String reason) {
        RolloutEvent answer = Await.until(DEADLINE, decision + " on the topic", () -> events.find(event ->
                event.getDecision() == decision && event.getCommandId() != null), () -> events.records().toString());
        assertEquals(actor, answer.getActor());
        assertTrue(answer.getReason().contains(reason), answer.getReason());
        return answer;
    }

    private int rollout(String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(said, true));
        commands.setErr(new PrintWriter(said, true));
        List<String> all = new ArrayList<>(List.of("rollout"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--bootstrap", system.bootstrap(), "--registry", system.registryUrl().toString()));
        return commands.execute(all.toArray(String[]::new));
    }
}
