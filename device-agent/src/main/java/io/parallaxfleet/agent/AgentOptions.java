package io.parallaxfleet.agent;

import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import io.parallaxfleet.uplink.BrokerAddress;
import io.parallaxfleet.workload.ExplorationLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an agent runs. Immutable.
 *
 * @param address broker and registry
 * @param deviceId unique in the fleet
 * @param models catalogue names or paths
 * @param dimensions values of symbolic dimensions
 * @param shapes by model: shapes that its inputs have in turn; the other models have one
 * @param start policy to start with instead of the last good one; empty: the last good one, else the paper's
 * @param exploration share of bursts that explore, and how far the fleet may raise it
 * @param interval pause between bursts
 * @param duration when to end; empty: when told to
 * @param stateDirectory policy file and spool of this device
 * @param cacheDirectory models and the machine's measuring turn, shared by the agents of a machine
 * @param threads CPU threads of the engine
 * @param objective what the engine's measurement at first use minimises
 * @param exact whether models run in their own operators only, bit for bit as plain ONNX Runtime
 * @param failFast whether a broker that is away at the start ends the agent
 * @param signature key that updates must be signed with; empty: none is asked for
 */
public record AgentOptions(
        BrokerAddress address,
        String deviceId,
        List<String> models,
        Map<String, Long> dimensions,
        Map<String, ShapeSeries> shapes,
        Optional<DelegationPolicy> start,
        ExplorationLimits exploration,
        Duration interval,
        Optional<Duration> duration,
        Path stateDirectory,
        Path cacheDirectory,
        int threads,
        Objective objective,
        boolean exact,
        boolean failFast,
        Optional<ThresholdSignature> signature) {
    public AgentOptions {
        models = List.copyOf(models);
        dimensions = Map.copyOf(dimensions);
        shapes = Map.copyOf(shapes);
        for (String model : shapes.keySet()) {
            if (!models.contains(model)) {
                throw new IllegalArgumentException("shapes are given for '" + model + "', which is none of the models; there are " + models);
            }
        }
        if (models.isEmpty()) {
            throw new IllegalArgumentException("no models are given; name at least one");
        }
        if (interval.isNegative()) {
            throw new IllegalArgumentException("the interval is negative: " + interval);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; at least 1 is needed");
        }
    }

    Path spoolDirectory() {
        return stateDirectory.resolve("spool");
    }

    Path policyFile() {
        return stateDirectory.resolve("policy.json");
    }

    Path turnFile() {
        return cacheDirectory.resolve("measuring-turn.lock");
    }
}
