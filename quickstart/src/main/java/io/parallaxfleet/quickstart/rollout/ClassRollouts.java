package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.util.List;
import java.util.Optional;

/**
 * What the topics say of the rollouts of one class.
 *
 * @param events in the order in which the job decided
 * @param baseline what the whole class is to run
 * @param candidate what a share of it tries; empty where that share's trial is over
 * @param commands in the order in which people gave them
 */
public record ClassRollouts(String deviceClass, boolean simulated, List<RolloutEvent> events, Optional<ThresholdUpdate> baseline,
        Optional<ThresholdUpdate> candidate, List<RolloutCommand> commands) {
    public ClassRollouts {
        events = List.copyOf(events);
        commands = List.copyOf(commands);
        // Epochs grow over both keys: a trial below the class's own epoch is over for everybody.
        if (candidate.isPresent() && baseline.isPresent() && candidate.get().getEpoch() <= baseline.get().getEpoch()) {
            candidate = Optional.empty();
        }
    }

    public String label() {
        return simulated ? "SIMULATED" : "MEASURED";
    }

    public Optional<RolloutEvent> last() {
        return events.isEmpty() ? Optional.empty() : Optional.of(events.get(events.size() - 1));
    }

    /** The last event that tells how the class stands; an answer that refuses a command only says that nothing changed. */
    public Optional<RolloutEvent> lastDecision() {
        return events.stream().filter(event -> !isRefusal(event)).reduce((earlier, later) -> later);
    }

    public RolloutStatus status() {
        RolloutStatus status = new RolloutStatus.None();
        for (RolloutEvent event : events) {
            status = after(status, event);
        }
        if (status instanceof RolloutStatus.UnderWay underWay && baseline.isPresent()) {
            ThresholdUpdate newest = baseline.get();
            if (newest.getEpoch() > highestEpochOf(underWay.entered().getRolloutId())
                    && !newest.getRolloutId().equals(underWay.entered().getRolloutId())) {
                return new RolloutStatus.Superseded(newest.getEpoch(), newest.getIssuedBy());
            }
        }
        return status;
    }

    /** The rollout that is under way. */
    public Optional<String> rolloutUnderWay() {
        return status() instanceof RolloutStatus.UnderWay underWay ? Optional.of(underWay.entered().getRolloutId()) : Optional.empty();
    }

    /** The epoch that devices are asked to run now: the trial's, else the class's; 0 where none was published. */
    public long epoch() {
        return candidate.or(() -> baseline).map(ThresholdUpdate::getEpoch).orElse(0L);
    }

    /** The job's answer to a command. */
    public Optional<RolloutEvent> answer(RolloutCommand command) {
        return events.stream().filter(event -> command.getCommandId().equals(event.getCommandId())).findFirst();
    }

    static boolean isRefusal(RolloutEvent event) {
        return switch (event.getDecision()) {
            case REFUSE -> true;
            case UNKNOWN, PROPOSE, PROMOTE, HOLD, ROLLBACK, COMPLETE, FREEZE, PAUSE, RESUME, ABORT, PIN, UNPIN, RELEASE -> false;
        };
    }

    /** Whether the update is kept under the key of trials. */
    static boolean isCandidate(ThresholdUpdate update) {
        return ThresholdKeys.isCandidate(update);
    }

    private static RolloutStatus after(RolloutStatus status, RolloutEvent event) {
        return switch (event.getDecision()) {
            case PROPOSE, PROMOTE -> new RolloutStatus.UnderWay(event);
            case COMPLETE, ROLLBACK, ABORT, PIN -> new RolloutStatus.Ended(event);
            case UNKNOWN, HOLD, FREEZE, PAUSE, RESUME, UNPIN, RELEASE, REFUSE -> status;
        };
    }

    private long highestEpochOf(String rolloutId) {
        return events.stream().filter(event -> event.getRolloutId().equals(rolloutId)).mapToLong(RolloutEvent::getEpoch).max().orElse(0);
    }
}
