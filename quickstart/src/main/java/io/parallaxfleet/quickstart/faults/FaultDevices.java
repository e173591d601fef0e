package io.parallaxfleet.quickstart.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The devices of a run, each kind a process of its own.
 *
 * @param fleet simulated devices of the class whose thresholds are asked for by commands
 * @param stagedFleet those of {@link StagedClass}
 * @param agent a real one
 */
record FaultDevices(JavaProcess fleet, JavaProcess stagedFleet, JavaProcess agent) implements AutoCloseable {
    private static final String STEERED_PROFILE = "npu";
    private static final String AGENT = "faults-agent";

    /** @param connection the options by which a device finds brokers and registry */
    static FaultDevices start(FaultSettings settings, List<String> connection) {
        String seed = String.valueOf(settings.seed());
        JavaProcess fleet = device(settings, "fleet", connection, List.of("simulate", "--profile", STEERED_PROFILE, "--devices",
                String.valueOf(settings.devices()), "--rate", "5", "--explore", "0.4", "--seed", seed));
        JavaProcess stagedFleet = device(settings, "staged-fleet", connection, List.of("simulate", "--profile", StagedClass.PROFILE,
                "--devices", String.valueOf(StagedClass.DEVICES), "--models", String.join(",", StagedClass.MODELS), "--rate", "3",
                "--explore", "0.3", "--seed", seed));
        JavaProcess agent = device(settings, "agent", connection, List.of("agent", "--device-id", AGENT, "--models", "squeezenet1_1",
                "--interval", "1s", "--state-dir", settings.directory().resolve("agent-state").toString()));
        return new FaultDevices(fleet, stagedFleet, agent);
    }

    private static JavaProcess device(FaultSettings settings, String name, List<String> connection, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(connection);
        all.addAll(List.of("--parent-pid", String.valueOf(ProcessHandle.current().pid())));
        settings.cache().ifPresent(cache -> all.addAll(List.of("--cache", cache.toString())));
        Path temporary = settings.directory().resolve(name + ".tmp");
        try {
            Files.createDirectories(temporary);
        } catch (IOException e) {
            throw new FaultRunException("no directory can be made at " + temporary, e);
        }
        return JavaProcess.start(new JavaProcess.Command(name, List.of("-Xmx384m", "-DuniqueLibraryNames=true", "-Djava.io.tmpdir=" + temporary),
                List.of(settings.agentJar()), "io.parallaxfleet.agent.Main", all, Map.of("ORT_DISABLE_TELEMETRY", "1")), settings.directory());
    }

    /** Lets them end in order. */
    void end() {
        agent.end();
        fleet.end();
        stagedFleet.end();
    }

    @Override
    public void close() {
        agent.close();
        fleet.close();
        stagedFleet.close();
    }
}
