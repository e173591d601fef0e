package io.parallaxfleet.quickstart;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.simulate.SimulatedProfile;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.zoo.ZooModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What a whole system on one machine consists of.
 *
 * @param agents device agents on this machine's own hardware
 * @param simulatedDevices devices of the simulated fleet; 0 starts none
 * @param simulatedProfiles kinds of simulated devices
 * @param models what the devices run; empty leaves the agents' own default
 * @param dashboardPort empty starts no dashboard; 0 takes a free port
 * @param brokerPort empty takes the usual port where it is free, else any
 * @param registryPort empty takes the usual port where it is free, else any
 * @param agentThresholds what the agents start with, as {@code ThresholdText} reads it
 * @param simulatedThresholds what the simulated devices start with
 * @param exploration share of bursts that explore: far above a fleet's, so that two minutes are enough
 * @param window length of the aggregation windows
 * @param fitInterval between two fits of a class
 * @param directory all files of the run, logs and agent state among them; exists, and its owner deletes it
 * @param cache models, shared with other runs; empty leaves the agents' own default
 * @param agentJar the agent jar
 */
public record DemoOptions(
        int agents,
        int simulatedDevices,
        List<String> simulatedProfiles,
        List<String> models,
        OptionalInt dashboardPort,
        OptionalInt brokerPort,
        OptionalInt registryPort,
        String agentThresholds,
        String simulatedThresholds,
        double exploration,
        Duration window,
        Duration fitInterval,
        Path directory,
        Optional<Path> cache,
        Path agentJar) {
    public DemoOptions {
        simulatedProfiles = List.copyOf(simulatedProfiles);
        models = List.copyOf(models);
        ThresholdText.parse(agentThresholds);
        ThresholdText.parse(simulatedThresholds);
        // An agent would say so too, but only as a component that died, and after the rest has started.
        simulatedProfiles.forEach(DemoOptions::requireProfile);
        models.forEach(DemoOptions::requireModel);
        if (agents < 0 || agents > 16) {
            throw new IllegalArgumentException("--agents is " + agents + "; on one machine 0..16 make sense");
        }
        if (simulatedDevices < 0 || simulatedDevices > 100_000) {
            throw new IllegalArgumentException("--simulated is " + simulatedDevices + "; it must be in 0..100000");
        }
        if (agents == 0 && simulatedDevices == 0) {
            throw new IllegalArgumentException("--agents and --simulated are both 0; nothing would report");
        }
        if (!(exploration >= 0 && exploration < 1)) {
            throw new IllegalArgumentException("--explore is " + exploration + "; it must be in [0, 1)");
        }
    }

    private static void requireProfile(String name) {
        if (SimulatedProfile.named(name).isEmpty()) {
            throw new IllegalArgumentException("--profile: '" + name + "' is not a profile; there are "
                    + SimulatedProfile.ALL.stream().map(SimulatedProfile::name).collect(Collectors.joining(", ")));
        }
    }

    private static void requireModel(String nameOrPath) {
        if (ZooModel.named(nameOrPath).isEmpty() && !Files.isRegularFile(Path.of(nameOrPath))) {
            throw new IllegalArgumentException("--models: '" + nameOrPath + "' is neither a file nor a model of the zoo; the zoo has "
                    + ZooModel.ALL.stream().map(ZooModel::name).collect(Collectors.joining(", ")));
        }
    }

    /** What the devices of a class delegate by before anything is published. */
    DelegationPolicy startPolicy(boolean simulated) {
        return ThresholdText.parse(simulated ? simulatedThresholds : agentThresholds);
    }
}
