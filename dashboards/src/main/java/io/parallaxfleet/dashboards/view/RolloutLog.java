package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.Decision;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Measurement;
import io.parallaxfleet.dashboards.view.FleetSnapshot.RolloutState;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** How the rollouts of one class stand, its last decisions, and what people asked for. Not thread-safe. */
final class RolloutLog {
    /** What people asked for is kept apart, so that a talkative job does not push it out. */
    private static final int DECISIONS = 20;
    private static final int ACTIONS = 20;
    private static final int MODELS = 64;

    private final Deque<Decision> decisions = new ArrayDeque<>();
    private final Deque<Decision> actions = new ArrayDeque<>();
    private RolloutEvent last;
    /** The event with which the rollout came to its present stage; null where none is under way. */
    private RolloutEvent entered;
    private Measurement measured;

    void add(RolloutEvent event) {
        Decision decision = decision(event);
        remember(event.getCommandId() == null ? decisions : actions, decision, event.getCommandId() == null ? DECISIONS : ACTIONS);
        if (event.getDecision() == RolloutDecision.REFUSE) {
            return;
        }
        if (last == null || !last.getRolloutId().equals(event.getRolloutId())) {
            measured = null;
        }
        last = event;
        measured = decision.measurement() == null ? measured : decision.measurement();
        entered = switch (event.getDecision()) {
            case PROPOSE, PROMOTE -> event;
            case COMPLETE, ROLLBACK, ABORT, PIN -> null;
            case UNKNOWN, HOLD, FREEZE, PAUSE, RESUME, UNPIN, RELEASE, REFUSE -> entered;
        };
    }

    /** Null before the first event. */
    RolloutState state() {
        if (last == null) {
            return null;
        }
        RolloutEvent standing = entered == null ? last : entered;
        return new RolloutState(RecordCheck.bounded(last.getRolloutId()), entered != null, standing.getStage().name(),
                standing.getMembershipPerMille(), standing.getEpoch(), standing.getTimestamp().toEpochMilli(), last.getDevices(),
                last.getPaused(), last.getPinned(), last.getFrozen(), measured, decision(last), List.copyOf(decisions),
                List.copyOf(actions));
    }

    private static void remember(Deque<Decision> recent, Decision decision, int limit) {
        recent.addFirst(decision);
        if (recent.size() > limit) {
            recent.removeLast();
        }
    }

    private static Decision decision(RolloutEvent event) {
        return new Decision(event.getTimestamp().toEpochMilli(), RecordCheck.bounded(event.getRolloutId()), event.getEpoch(),
                event.getStage().name(), event.getMembershipPerMille(), event.getDecision().name(),
                RecordCheck.bounded(event.getReason()), RecordCheck.bounded(event.getActor()), event.getBeforeP50Nanos(),
                event.getBeforeSamples(), event.getAfterP50Nanos(), event.getAfterSamples(), measurement(event),
                control(event.getModelControl()), event.getObjective().name(), control(event.getEnergyControl()),
                event.getEnergySource() == null ? null : RecordCheck.bounded(event.getEnergySource()),
                thresholds(event.getThresholdsBefore()), thresholds(event.getThresholdsAfter()));
    }

    private static Measurement measurement(RolloutEvent event) {
        StageMeasurement measured = event.getMeasurement();
        return measured == null ? null : new Measurement(measured.getMembers(), measured.getControl(), measured.getNeededMembers(),
                event.getObjective().name(),
                ratio(measured.getMeanChange()), bound(measured.getMeanChange(), measured.getMeanHalfWidth(), -1),
                bound(measured.getMeanChange(), measured.getMeanHalfWidth(), 1), ratio(measured.getTailChange()),
                bound(measured.getTailChange(), measured.getTailHalfWidth(), -1),
                bound(measured.getTailChange(), measured.getTailHalfWidth(), 1), ratio(measured.getGuardChange()),
                bound(measured.getGuardChange(), measured.getGuardHalfWidth(), -1),
                bound(measured.getGuardChange(), measured.getGuardHalfWidth(), 1),
                RecordCheck.finiteOrNull(measured.getFailureEvidence()));
    }

    private static FleetSnapshot.Control control(ModelControl control) {
        return control == null ? null : new FleetSnapshot.Control(names(control.getChangedModels()), names(control.getControlModels()),
                Math.expm1(control.getChange()), bound(control.getChange(), control.getHalfWidth(), -1),
                bound(control.getChange(), control.getHalfWidth(), 1), Math.expm1(control.getControlChange()));
    }

    private static List<String> names(List<String> models) {
        return models.stream().limit(MODELS).map(RecordCheck::bounded).toList();
    }

    private static Double ratio(Double logRatio) {
        return RecordCheck.finiteOrNull(logRatio == null ? null : Math.expm1(logRatio));
    }

    private static Double bound(Double logRatio, Double halfWidth, int side) {
        return logRatio == null || halfWidth == null ? null : ratio(logRatio + side * halfWidth);
    }

    private static FleetSnapshot.Thresholds thresholds(PlanPolicy policy) {
        return policy == null || !Double.isFinite(policy.getMaxBytesPerMac()) ? null : new FleetSnapshot.Thresholds(
                policy.getMode().name(), policy.getMinOperators(), policy.getMinMacs(), policy.getMaxBytesPerMac());
    }
}
