package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.topics.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the alarm to what devices do about it: a simulated class becomes half as slow again, the job notices by its telemetry and asks for
 * exploration, and the devices' next records have the probability that follows from it. Real broker, registry and Flink job.
 */
class DriftReachesDevicesIT {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String DEVICE_CLASS = "sim-phone-fast-gpu";
    private static final double OWN_SHARE = 0.1;
    private static final double MOST = 0.4;

    @Test
    void a_drift_alarm_makes_the_devices_of_its_class_explore_more_and_say_so(@TempDir Path directory) throws Exception {
        Path cache = Files.createDirectories(Path.of("target", "model-cache").toAbsolutePath());
        List<String> models = List.of("squeezenet1_1", "mobilenet_v2");
        // One device of another class, which nobody asks for anything.
        DemoOptions options = new DemoOptions(0, 1, List.of("npu"), models, OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(0),
                "paper", "paper", OWN_SHARE, Duration.ofSeconds(2), Duration.ofSeconds(4), directory, Optional.of(cache),
                AgentProcess.defaultJar());
        try (DemoSystem system = DemoSystem.start(options, line -> { }, () -> false);
                AgentProcess fleet = AgentProcess.start("drifting-fleet", AgentProcess.defaultJar(), List.of("simulate", "--profile",
                        "fast-gpu", "--devices", "12", "--rate", "8", "--explore", String.valueOf(OWN_SHARE), "--max-explore",
                        String.valueOf(MOST), "--slower", "1.5", "--slower-after", "90s", "--models", String.join(",", models), "--cache",
                        cache.toString(), "--bootstrap", system.bootstrap(), "--registry", system.registryUrl().toString(),
                        "--parent-pid", String.valueOf(ProcessHandle.current().pid())), directory)) {
            Map<String, Object> settings = ConnectionOptions.clientSettings(system.bootstrap());
            try (var asked = new TopicCollector<>(settings, system.registry(), Topic.EXPLORATION, ExplorationAdvice.class);
                    var telemetry = new TopicCollector<>(settings, system.registry(), Topic.TELEMETRY, InferenceTelemetry.class)) {
                ExplorationAdvice advice = Await.until(DEADLINE, "advice", () -> {
                    assertTrue(fleet.isAlive(), fleet::obituary);
                    return asked.find(any -> any.getDeviceClass().equals(DEVICE_CLASS));
                }, () -> fleet.lastLine().orElse("nothing said"));
                double raised = Math.min(MOST, OWN_SHARE * advice.getShareFactor());
                assertTrue(raised > OWN_SHARE, advice::toString);

                // What the policy's own plan ran with tells the share: one less the probability of exploring.
                InferenceTelemetry after = Await.until(DEADLINE, "a run by the advice", () -> telemetry.find(record -> own(record)
                        && record.getTimestamp().isAfter(advice.getIssuedAt()) && record.getExplorationProbability() < 1 - OWN_SHARE - 0.01),
                        () -> telemetry.records().size() + " records");

                assertEquals(1 - raised, after.getExplorationProbability(), 1e-9, after::toString);
                assertTrue(telemetry.records().stream().filter(record -> own(record) && record.getTimestamp().isBefore(advice.getIssuedAt()))
                        .allMatch(record -> record.getExplorationProbability() >= 1 - OWN_SHARE - 1e-9), "no device explored more before");
                String said = Files.readString(directory.resolve("drifting-fleet.log"));
                assertTrue(said.contains("class " + DEVICE_CLASS + ": 0.400 of bursts explore instead of 0.100"), said);
            }
            assertEquals(Optional.empty(), system.casualty());
        }
    }

    private static boolean own(InferenceTelemetry record) {
        return !record.getExplored() && record.getDeviceClass().equals(DEVICE_CLASS);
    }
}
