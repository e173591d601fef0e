package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The commands, as a person gives them, by which new thresholds of a class set out when they are wanted; watches that each is answered
 * once. Not thread-safe.
 */
final class Steering {
    private static final long MIN_MACS = 100_000_000;
    private static final long STEP_MACS = 1_000_000;
    /** Of the paper's thresholds, with which devices start. */
    private static final long START_MACS = 1_000_000_000;

    private final Map<String, Integer> answers = new LinkedHashMap<>();
    private final List<String> refused = new ArrayList<>();

    /** Asks for thresholds that no command before asked for, under the next epoch, on all devices of the class. */
    RolloutCommand next(String deviceClass, boolean simulated, Instant now) {
        return command(RolloutAction.PIN, deviceClass, simulated, MIN_MACS + answers.size() * STEP_MACS, now);
    }

    /** What makes the job try the same thresholds of a simulated class again: those before come back, and it is left alone with them. */
    List<RolloutCommand> again(String deviceClass, Instant now) {
        return List.of(command(RolloutAction.PIN, deviceClass, true, START_MACS, now),
                command(RolloutAction.UNPIN, deviceClass, true, null, now));
    }

    private RolloutCommand command(RolloutAction action, String deviceClass, boolean simulated, Long minMacs, Instant now) {
        String id = "faults-" + answers.size();
        RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId(id)
                .setAction(action)
                .setDeviceClass(deviceClass)
                .setSimulated(simulated)
                .setRolloutId(null)
                .setThresholds(minMacs == null ? null : new PlanPolicy(DelegationMode.THRESHOLDS, 3, minMacs, 0.1))
                .setActor("faults")
                .setReason("processes are being killed")
                .setTimestamp(now.truncatedTo(ChronoUnit.MILLIS))
                .build();
        answers.put(id, 0);
        return command;
    }

    /** A committed record of the rollouts topic. */
    void heard(RolloutEvent event) {
        if (event.getCommandId() != null) {
            answers.merge(event.getCommandId(), 1, Integer::sum);
            if (event.getDecision() == RolloutDecision.REFUSE) {
                refused.add("refused: " + event.getReason());
            }
        }
    }

    int commands() {
        return answers.size();
    }

    boolean allAnswered() {
        return answers.values().stream().allMatch(times -> times > 0);
    }

    /** Every command that was not followed once; empty when all is well. */
    List<String> differences() {
        List<String> differences = new ArrayList<>(refused);
        answers.forEach((id, times) -> {
            if (times != 1) {
                differences.add("command " + id + " was answered " + times + " times");
            }
        });
        return differences;
    }
}
