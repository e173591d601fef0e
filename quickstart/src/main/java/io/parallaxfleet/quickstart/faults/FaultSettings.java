package io.parallaxfleet.quickstart.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One run.
 *
 * @param seed of the schedule and of the simulated fleet
 * @param rounds how often each kind of process is killed
 * @param devices simulated ones
 * @param directory of all files; exists, and its owner deletes it
 * @param cache of models, shared with other runs; empty leaves the devices' own default
 * @param quickstartJar has the brokers' main class, and Kafka and Flink beside it
 * @param agentJar has the devices'
 * @param jobJar is submitted
 * @param ports free ones: two for each broker, one for Flink's REST interface and one for ZooKeeper
 */
public record FaultSettings(long seed, int rounds, int devices, Path directory, Optional<Path> cache, Path quickstartJar,
        Path agentJar, Path jobJar, List<Integer> ports) {
    /** Brokers. */
    public static final int BROKERS = 3;
    /** Ports that a run needs. */
    public static final int PORTS = 2 * BROKERS + 2;

    public FaultSettings {
        ports = List.copyOf(ports);
        if (rounds < 1 || rounds > 100) {
            throw new IllegalArgumentException("--rounds is " + rounds + "; it must be in 1..100");
        }
        if (devices < 1 || devices > 10_000) {
            throw new IllegalArgumentException("--simulated is " + devices + "; it must be in 1..10000");
        }
        if (ports.size() != PORTS) {
            throw new IllegalArgumentException(ports.size() + " ports; " + PORTS + " are needed");
        }
        for (Path file : List.of(quickstartJar, agentJar, jobJar)) {
            if (!Files.exists(file)) {
                throw new IllegalArgumentException("there is no " + file + "; build everything with 'mvn package'");
            }
        }
    }
}
