package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.Acks;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Fit;
import io.parallaxfleet.dashboards.view.FleetSnapshot.PolicyState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Published;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Rollout;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The epochs of one class: thresholds, what devices answered, what the rollout found. Each device counts once per epoch,
 * with its newest answer. Not thread-safe.
 */
final class PolicyHistory {
    private static final int REPLANS = 512;

    private record Answer(long epoch, AckOutcome outcome) {}

    private static final class Epoch {
        private Published published;
        private Rollout rollout;
        private final EnumMap<AckOutcome, Integer> outcomes = new EnumMap<>(AckOutcome.class);
        private final List<Long> replanNanos = new ArrayList<>();
        private Long firstAppliedMillis;
        private String lastRefusal;
    }

    private final ViewLimits limits;
    private final TreeMap<Long, Epoch> epochs = new TreeMap<>();
    private final Map<String, Answer> answers = new HashMap<>();

    PolicyHistory(ViewLimits limits) {
        this.limits = limits;
    }

    void publish(ThresholdUpdate update) {
        epoch(update.getEpoch()).published = new Published(
                update.getPreviousEpoch(),
                update.getMode().name(),
                update.getMinOperators(),
                update.getMinMacs(),
                update.getMaxBytesPerMac(),
                update.getObjective().name(),
                update.getStage().name(),
                update.getMembershipPerMille(),
                update.getKillSwitch(),
                update.getIssuedAt().toEpochMilli(),
                RecordCheck.bounded(update.getIssuedBy()),
                RecordCheck.bounded(update.getReason()),
                RecordCheck.finiteOrNull(update.getPredictedBeforeNanos()),
                RecordCheck.finiteOrNull(update.getPredictedAfterNanos()),
                fit(update.getCostModel()));
    }

    void rollout(RolloutEvent event) {
        if (event.getDecision() == RolloutDecision.REFUSE) {
            // A command that was refused changed nothing.
            return;
        }
        Epoch epoch = epoch(event.getEpoch());
        Rollout last = epoch.rollout;
        boolean hasBefore = event.getBeforeP50Nanos() != null || last == null;
        boolean hasAfter = event.getAfterP50Nanos() != null || last == null;
        epoch.rollout = new Rollout(
                RecordCheck.bounded(event.getRolloutId()),
                event.getStage().name(),
                event.getDecision().name(),
                RecordCheck.bounded(event.getReason()),
                hasBefore ? event.getBeforeP50Nanos() : last.beforeP50Nanos(),
                hasBefore ? event.getBeforeSamples() : last.beforeSamples(),
                hasAfter ? event.getAfterP50Nanos() : last.afterP50Nanos(),
                hasAfter ? event.getAfterSamples() : last.afterSamples(),
                event.getDevicesAcknowledged(),
                RecordCheck.bounded(event.getActor()),
                event.getTimestamp().toEpochMilli());
    }

    /** @return false when the device is one too many to be told apart, and so was not counted */
    boolean acknowledge(ThresholdAck ack) {
        Answer last = answers.get(ack.getDeviceId());
        if (last == null && answers.size() >= limits.devices()) {
            return false;
        }
        Epoch epoch = epoch(ack.getEpoch());
        if (last != null && last.epoch() == ack.getEpoch()) {
            epoch.outcomes.computeIfPresent(last.outcome(), (outcome, devices) -> devices > 1 ? devices - 1 : null);
        }
        answers.put(ack.getDeviceId(), new Answer(ack.getEpoch(), ack.getOutcome()));
        epoch.outcomes.merge(ack.getOutcome(), 1, Integer::sum);
        long at = ack.getTimestamp().toEpochMilli();
        if (ack.getOutcome() == AckOutcome.APPLIED) {
            epoch.firstAppliedMillis = epoch.firstAppliedMillis == null ? at : Math.min(epoch.firstAppliedMillis, at);
            for (Replan replan : ack.getPlans()) {
                if (epoch.replanNanos.size() < REPLANS) {
                    epoch.replanNanos.add(replan.getReplanNanos());
                }
            }
        }
        if (ack.getOutcome() == AckOutcome.REFUSED) {
            String reason = ack.getReason() == null ? "no reason given" : ack.getReason();
            epoch.lastRefusal = RecordCheck.bounded(ack.getDeviceId() + ": " + reason);
        }
        return true;
    }

    /** Newest epoch first. */
    List<PolicyState> states() {
        List<PolicyState> states = new ArrayList<>(epochs.size());
        for (Map.Entry<Long, Epoch> entry : epochs.descendingMap().entrySet()) {
            Epoch epoch = entry.getValue();
            states.add(new PolicyState(entry.getKey(), epoch.published, acks(epoch), epoch.rollout));
        }
        return states;
    }

    private Epoch epoch(long number) {
        Epoch epoch = epochs.computeIfAbsent(number, key -> new Epoch());
        if (epochs.size() > limits.policiesPerClass()) {
            epochs.pollFirstEntry();
        }
        return epoch;
    }

    private static Acks acks(Epoch epoch) {
        if (epoch.outcomes.isEmpty()) {
            return null;
        }
        List<Long> replans = epoch.replanNanos.stream().sorted().toList();
        return new Acks(
                epoch.outcomes.getOrDefault(AckOutcome.APPLIED, 0),
                epoch.outcomes.getOrDefault(AckOutcome.REFUSED, 0),
                epoch.outcomes.getOrDefault(AckOutcome.NOT_MEMBER, 0),
                epoch.outcomes.getOrDefault(AckOutcome.STALE, 0),
                epoch.firstAppliedMillis,
                replans.isEmpty() ? null : (double) replans.get(replans.size() / 2),
                epoch.lastRefusal);
    }

    private static Fit fit(CostModelEstimate estimate) {
        if (estimate == null
                || !Double.isFinite(estimate.getDispatchSeconds().getValue())
                || !Double.isFinite(estimate.getDispatchSeconds().getLow())
                || !Double.isFinite(estimate.getDispatchSeconds().getHigh())
                || !Double.isFinite(estimate.getMedianRelativeError())) {
            return null;
        }
        return new Fit(
                estimate.getDispatchSeconds().getValue(),
                estimate.getDispatchSeconds().getLow(),
                estimate.getDispatchSeconds().getHigh(),
                rate(estimate.getCpuSecondsPerMac().getValue()),
                rate(estimate.getAcceleratorSecondsPerMac().getValue()),
                estimate.getCpuSamples(),
                estimate.getAcceleratorSamples(),
                estimate.getDistinctRegions(),
                estimate.getMedianRelativeError());
    }

    private static Double rate(double secondsPerMac) {
        return RecordCheck.finiteOrNull(secondsPerMac > 0 ? 1 / secondsPerMac : null);
    }
}
