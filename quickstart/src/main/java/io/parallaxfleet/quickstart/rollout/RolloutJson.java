package io.parallaxfleet.quickstart.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Optional;

/** The rollouts for machines. What is not known is null. */
public final class RolloutJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RolloutJson() {}

    /** An array of all classes. */
    public static ArrayNode list(RolloutBook book, AckTally acks) {
        ArrayNode array = MAPPER.createArrayNode();
        book.classes().forEach(one -> array.add(summary(one, acks)));
        return array;
    }

    /** Everything that is known of one class. */
    public static ObjectNode show(ClassRollouts one, AckTally acks) {
        ObjectNode node = summary(one, acks);
        node.set("wholeClass", one.baseline().map(RolloutJson::update).orElse(null));
        node.set("trial", one.candidate().map(RolloutJson::update).orElse(null));
        ArrayNode history = node.putArray("history");
        one.events().forEach(event -> history.add(event(event)));
        ArrayNode actions = node.putArray("actions");
        one.commands().forEach(command -> actions.add(action(command, one.answer(command))));
        return node;
    }

    /** One decision of the job. */
    public static ObjectNode event(RolloutEvent event) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("at", event.getTimestamp().toString())
                .put("rolloutId", event.getRolloutId())
                .put("epoch", event.getEpoch())
                .put("stage", event.getStage().name())
                .put("membershipPerMille", event.getMembershipPerMille())
                .put("decision", event.getDecision().name())
                .put("reason", event.getReason())
                .put("actor", event.getActor())
                .put("commandId", event.getCommandId())
                .put("devices", event.getDevices())
                .put("devicesAcknowledged", event.getDevicesAcknowledged())
                .put("paused", event.getPaused())
                .put("pinned", event.getPinned())
                .put("frozen", event.getFrozen())
                .put("beforeP50Nanos", event.getBeforeP50Nanos())
                .put("beforeSamples", event.getBeforeSamples())
                .put("afterP50Nanos", event.getAfterP50Nanos())
                .put("afterSamples", event.getAfterSamples());
        node.set("thresholdsBefore", policy(event.getThresholdsBefore()));
        node.set("thresholdsAfter", policy(event.getThresholdsAfter()));
        node.set("measurement", measurement(event.getMeasurement()));
        node.set("modelControl", control(event.getModelControl()));
        node.put("objective", event.getObjective().name()).put("energySource", event.getEnergySource());
        node.set("energyControl", control(event.getEnergyControl()));
        return node;
    }

    private static ObjectNode summary(ClassRollouts one, AckTally acks) {
        RolloutStatus status = one.status();
        Optional<RolloutEvent> last = one.lastDecision();
        ObjectNode node = MAPPER.createObjectNode()
                .put("deviceClass", one.deviceClass())
                .put("simulated", one.simulated())
                .put("stage", status.text())
                .put("underWay", status instanceof RolloutStatus.UnderWay)
                .put("rolloutId", RolloutReport.rolloutId(status).orElse(null))
                .put("since", RolloutReport.since(status).map(Object::toString).orElse(null))
                .put("epoch", one.epoch())
                .put("membershipPerMille", one.candidate().map(ThresholdUpdate::getMembershipPerMille).orElse(null))
                .put("acknowledged", acks.applied(one.deviceClass()))
                .put("refused", acks.refused(one.deviceClass()))
                .put("paused", last.map(RolloutEvent::getPaused).orElse(false))
                .put("pinned", last.map(RolloutEvent::getPinned).orElse(false))
                .put("frozen", last.map(RolloutEvent::getFrozen).orElse(false));
        node.set("lastDecision", last.map(RolloutJson::event).orElse(null));
        return node;
    }

    private static ObjectNode action(RolloutCommand command, Optional<RolloutEvent> answer) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("at", command.getTimestamp().toString())
                .put("commandId", command.getCommandId())
                .put("action", command.getAction().name())
                .put("rolloutId", command.getRolloutId())
                .put("actor", command.getActor())
                .put("reason", command.getReason());
        node.set("thresholds", policy(command.getThresholds()));
        node.set("answer", answer.map(RolloutJson::event).orElse(null));
        return node;
    }

    private static ObjectNode update(ThresholdUpdate update) {
        return MAPPER.createObjectNode()
                .put("epoch", update.getEpoch())
                .put("membershipPerMille", update.getMembershipPerMille())
                .put("mode", update.getMode().name())
                .put("minOperators", update.getMinOperators())
                .put("minMacs", update.getMinMacs())
                .put("maxBytesPerMac", update.getMaxBytesPerMac())
                .put("killSwitch", update.getKillSwitch())
                .put("issuedBy", update.getIssuedBy())
                .put("issuedAt", update.getIssuedAt().toString())
                .put("reason", update.getReason());
    }

    private static ObjectNode policy(PlanPolicy policy) {
        return policy == null ? null : MAPPER.createObjectNode()
                .put("mode", policy.getMode().name())
                .put("minOperators", policy.getMinOperators())
                .put("minMacs", policy.getMinMacs())
                .put("maxBytesPerMac", policy.getMaxBytesPerMac());
    }

    private static ObjectNode control(ModelControl control) {
        if (control == null) {
            return null;
        }
        ObjectNode node = MAPPER.createObjectNode();
        control.getChangedModels().forEach(node.putArray("changedModels")::add);
        control.getControlModels().forEach(node.putArray("controlModels")::add);
        return node.put("rawChange", control.getRawChange())
                .put("controlChange", control.getControlChange())
                .put("change", control.getChange())
                .put("halfWidth", control.getHalfWidth())
                .put("windowsBefore", control.getWindowsBefore())
                .put("windowsAfter", control.getWindowsAfter());
    }

    private static ObjectNode measurement(StageMeasurement measured) {
        return measured == null ? null : MAPPER.createObjectNode()
                .put("members", measured.getMembers())
                .put("control", measured.getControl())
                .put("neededMembers", measured.getNeededMembers())
                .put("meanChange", measured.getMeanChange())
                .put("meanHalfWidth", measured.getMeanHalfWidth())
                .put("tailChange", measured.getTailChange())
                .put("tailHalfWidth", measured.getTailHalfWidth())
                .put("guardChange", measured.getGuardChange())
                .put("guardHalfWidth", measured.getGuardHalfWidth())
                .put("failureEvidence", measured.getFailureEvidence());
    }
}
