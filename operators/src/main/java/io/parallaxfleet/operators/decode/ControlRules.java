package io.parallaxfleet.operators.decode;

import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.rollouts.FleetCommands;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.util.List;
import java.util.Optional;

/**
 * What records of the control topics must satisfy beyond their schemas. One that does not is dead-lettered, because it would stop
 * the operator that computes with it, again after every restart.
 */
public final class ControlRules {
    /** No fleet gets there by counting; an epoch above it is a mistake, and the next one would overflow in the end. */
    public static final long MAX_EPOCH = 1_000_000_000_000L;

    /** Names are kept in state and in keys, by the thousands. */
    public static final int MAX_NAME_CHARACTERS = 512;

    /** A reason is a few sentences, and every rollout event repeats it. */
    public static final int MAX_REASON_CHARACTERS = 2_048;

    // One part for each input of the model.
    private static final int MAX_SHAPE_CHARACTERS = 16_384;

    private ControlRules() {}

    /** The first rule the plan breaks, as a line that names the field; empty if it breaks none. */
    public static Optional<String> firstFault(PlanProfile plan) {
        return classFault(plan.getDeviceClass(), plan.getSimulated())
                .or(() -> textFault("planId", plan.getPlanId()))
                .or(() -> textFault("modelHash", plan.getModelHash()))
                .or(() -> lengthFault("shapeKey", plan.getShapeKey(), MAX_SHAPE_CHARACTERS))
                .or(() -> epochFault("policyEpoch", plan.getPolicyEpoch()))
                .or(() -> policyFault(plan.getPolicy()))
                .or(() -> regionFault(plan.getRegions()))
                .or(() -> branchFault("branches", plan.getBranches()))
                .or(() -> branchFault("bodyBranches", plan.getBodyBranches()));
    }

    public static Optional<String> firstFault(ThresholdAck ack) {
        return classFault(ack.getDeviceClass(), ack.getSimulated())
                .or(() -> textFault("deviceId", ack.getDeviceId()))
                .or(() -> epochFault("epoch", ack.getEpoch()));
    }

    /** Thresholds out of range are not looked at here: agents refuse them, and the epoch is taken all the same. */
    public static Optional<String> firstFault(ThresholdUpdate update) {
        return classFault(update.getDeviceClass(), update.getSimulated())
                .or(() -> textFault("rolloutId", update.getRolloutId()))
                .or(() -> epochFault("epoch", update.getEpoch()));
    }

    public static Optional<String> firstFault(RolloutEvent event) {
        return classFault(event.getDeviceClass(), event.getSimulated());
    }

    /** Whether the class has a rollout to act on is not looked at here: the job answers that. */
    public static Optional<String> firstFault(RolloutCommand command) {
        return addresseeFault(command)
                .or(() -> textFault("commandId", command.getCommandId()))
                .or(() -> textFault("actor", command.getActor()))
                .or(() -> reasonFault(command.getReason()))
                .or(() -> command.getRolloutId() == null ? Optional.empty() : textFault("rolloutId", command.getRolloutId()))
                .or(() -> actionFault(command));
    }

    static Optional<String> classFault(String deviceClass, boolean simulated) {
        Optional<String> fault = textFault("deviceClass", deviceClass);
        if (fault.isPresent()) {
            return fault;
        }
        if (deviceClass.equals(FleetCommands.FLEET)) {
            return Optional.of("deviceClass is '" + FleetCommands.FLEET + "', which stands for the whole fleet");
        }
        if (deviceClass.endsWith(ThresholdKeys.CANDIDATE_SUFFIX)) {
            return Optional.of("deviceClass '" + deviceClass + "' ends with '" + ThresholdKeys.CANDIDATE_SUFFIX
                    + "', under which the trials of a class are kept");
        }
        return simulated != deviceClass.startsWith(TelemetryRules.SIMULATED_PREFIX)
                ? Optional.of("simulated is " + simulated + " but deviceClass is '" + deviceClass
                        + "'; simulated classes, and only they, start with '" + TelemetryRules.SIMULATED_PREFIX + "'")
                : Optional.empty();
    }

    static Optional<String> textFault(String field, String text) {
        return text.isBlank() ? Optional.of(field + " is empty") : lengthFault(field, text, MAX_NAME_CHARACTERS);
    }

    private static Optional<String> lengthFault(String field, String text, int limit) {
        return text.length() > limit
                ? Optional.of(field + " has " + text.length() + " characters, at most " + limit + " are taken")
                : Optional.empty();
    }

    static Optional<String> epochFault(String field, long epoch) {
        return epoch < 0 || epoch > MAX_EPOCH
                ? Optional.of(field + " is " + epoch + "; it must be in 0.." + MAX_EPOCH)
                : Optional.empty();
    }

    private static Optional<String> reasonFault(String reason) {
        return reason.isBlank() ? Optional.of("reason is empty") : lengthFault("reason", reason, MAX_REASON_CHARACTERS);
    }

    private static Optional<String> addresseeFault(RolloutCommand command) {
        if (!FleetCommands.isForFleet(command)) {
            return FleetCommands.needsFleet(command)
                    ? Optional.of(command.getAction() + " is for class '" + command.getDeviceClass() + "'; it is for the whole fleet, '"
                            + FleetCommands.FLEET + "', only")
                    : classFault(command.getDeviceClass(), command.getSimulated());
        }
        return FleetCommands.needsFleet(command) || command.getAction() == RolloutAction.UNKNOWN
                ? Optional.empty()
                : Optional.of(command.getAction() + " is for the whole fleet; it is for one class only");
    }

    private static Optional<String> actionFault(RolloutCommand command) {
        if (command.getAction() == RolloutAction.UNKNOWN) {
            return Optional.of("action is unknown to this build");
        }
        if (command.getThresholds() == null) {
            return Optional.empty();
        }
        return command.getAction() == RolloutAction.PIN
                ? ruleFault("thresholds", command.getThresholds())
                : Optional.of("thresholds are given with " + command.getAction() + "; only PIN takes them");
    }

    // A mode of a newer agent is let through: the plan is still a plan.
    private static Optional<String> policyFault(PlanPolicy policy) {
        return policy == null || policy.getMode() == DelegationMode.UNKNOWN ? Optional.empty() : ruleFault("policy", policy);
    }

    private static Optional<String> ruleFault(String field, PlanPolicy policy) {
        try {
            DelegationRule.of(policy.getMode(), policy.getMinOperators(), policy.getMinMacs(), policy.getMaxBytesPerMac());
            return Optional.empty();
        } catch (IllegalArgumentException outOfRange) {
            return Optional.of(field + ": " + outOfRange.getMessage());
        }
    }

    private static Optional<String> regionFault(List<RegionProfile> regions) {
        for (int i = 0; i < regions.size(); i++) {
            RegionProfile region = regions.get(i);
            if (region.getOperators() < 0 || region.getMacs() < 0 || region.getBoundaryBytes() < 0) {
                return Optional.of(sizeFault("regions[" + i + "]", region.getOperators(), region.getMacs(),
                        region.getBoundaryBytes()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> branchFault(String field, List<BranchProfile> branches) {
        for (int i = 0; i < branches.size(); i++) {
            BranchProfile branch = branches.get(i);
            if (branch.getOperators() < 0 || branch.getMacs() < 0 || branch.getBoundaryBytes() < 0) {
                return Optional.of(sizeFault(field + "[" + i + "]", branch.getOperators(), branch.getMacs(),
                        branch.getBoundaryBytes()));
            }
        }
        return Optional.empty();
    }

    private static String sizeFault(String what, int operators, long macs, long boundaryBytes) {
        return what + " has " + operators + " operators, " + macs + " MACs and " + boundaryBytes
                + " boundary bytes; none may be negative";
    }
}
