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

    private final Map<String, Integer> answers = new LinkedHashMap<>();
    private final List<String> refused = new ArrayList<>();

    /** Asks for thresholds that no command before asked for, under the next epoch, on all devices of the class. */
    RolloutCommand next(String deviceClass, boolean simulated, Instant now) {
        String id = "faults-" + answers.size();
        RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId(id)
                .setAction(RolloutAction.PIN)
                .setDeviceClass(deviceClass)
                .setSimulated(simulated)
                .setRolloutId(null)
                .setThresholds(new PlanPolicy(DelegationMode.THRESHOLDS, 3, MIN_MACS + answers.size() * STEP_MACS, 0.1))
                .setActor("faults")
                .setReason("a process is about to be killed")
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
