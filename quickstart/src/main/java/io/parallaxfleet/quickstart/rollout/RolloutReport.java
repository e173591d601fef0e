package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.quickstart.observe.TextTable;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The rollouts as plain text. */
public final class RolloutReport {
    private static final String NONE = "-";

    private RolloutReport() {}

    /** A table of all classes. */
    public static List<String> list(RolloutBook book, AckTally acks) {
        if (book.classes().isEmpty()) {
            return List.of("No class has a rollout: nothing was decided and nothing is published.");
        }
        TextTable table = new TextTable(List.of("class", "label", "stage", "held", "epoch", "rollout", "acknowledged", "since",
                "last decision", "by", "reason"));
        for (ClassRollouts one : book.classes()) {
            RolloutStatus status = one.status();
            Optional<RolloutEvent> last = one.lastDecision();
            table.row(one.deviceClass(), one.label(), status.text(),
                    last.map(RolloutText::holds).filter(held -> !held.isEmpty()).orElse(NONE),
                    String.valueOf(one.epoch()),
                    rolloutId(status).orElse(NONE),
                    acknowledged(one, acks),
                    since(status).map(RolloutReport::at).orElse(NONE),
                    last.map(event -> event.getDecision().name()).orElse(NONE),
                    last.map(RolloutEvent::getActor).orElse(NONE),
                    last.map(RolloutEvent::getReason).orElse(NONE));
        }
        List<String> lines = new ArrayList<>();
        book.freeze().ifPresent(freeze -> lines.add("The whole fleet is frozen since " + at(freeze.getTimestamp()) + " by "
                + freeze.getActor() + ": " + freeze.getReason()));
        lines.addAll(table.lines());
        return lines;
    }

    /** Everything that is known of one class. */
    public static List<String> show(ClassRollouts one, AckTally acks) {
        List<String> lines = new ArrayList<>();
        RolloutStatus status = one.status();
        lines.add(one.deviceClass() + "  " + one.label());
        lines.add("  stage         " + status.text() + since(status).map(since -> ", since " + at(since)).orElse(""));
        rolloutId(status).ifPresent(id -> lines.add("  rollout       " + id));
        one.lastDecision().map(RolloutText::holds).filter(held -> !held.isEmpty()).ifPresent(held -> lines.add("  held          " + held));
        lines.add("  whole class   " + one.baseline().map(RolloutReport::published).orElse("nothing published: built-in thresholds"));
        one.candidate().ifPresent(trial -> lines.add("  trial         " + published(trial) + ", for "
                + RolloutText.share(trial.getMembershipPerMille()) + " of the class"));
        lines.add("  acknowledged  " + acknowledged(one, acks) + " by epoch " + one.epoch());
        lines.add("");
        lines.addAll(history(one));
        lines.add("");
        lines.addAll(actions(one));
        return lines;
    }

    private static List<String> history(ClassRollouts one) {
        if (one.events().isEmpty()) {
            return List.of("History: the job has decided nothing.");
        }
        List<String> lines = new ArrayList<>(List.of("History"));
        String rollout = "";
        for (RolloutEvent event : one.events()) {
            if (!event.getRolloutId().equals(rollout)) {
                rollout = event.getRolloutId();
                lines.add("  " + rollout);
            }
            lines.add(String.format(Locale.ROOT, "    %s  %-8s  epoch %d, %s, by %s: %s", at(event.getTimestamp()), event.getDecision(),
                    event.getEpoch(), RolloutText.stage(event), event.getActor(), event.getReason()));
            if (event.getObjective() != Objective.UNKNOWN && event.getDecision() == RolloutDecision.PROPOSE) {
                lines.add("      objective: " + event.getObjective().name().toLowerCase(Locale.ROOT));
            }
            RolloutText.evidence(event).ifPresent(evidence -> lines.add("      measured: " + evidence));
            if (event.getThresholdsBefore() != null && event.getThresholdsAfter() != null) {
                lines.add("      thresholds: " + RolloutText.thresholds(event.getThresholdsBefore()) + " -> "
                        + RolloutText.thresholds(event.getThresholdsAfter()));
            }
        }
        return lines;
    }

    private static List<String> actions(ClassRollouts one) {
        if (one.commands().isEmpty()) {
            return List.of("Actions: nobody has asked for anything.");
        }
        List<String> lines = new ArrayList<>(List.of("Actions"));
        for (RolloutCommand command : one.commands()) {
            lines.add("  " + at(command.getTimestamp()) + "  " + command.getAction() + " by " + command.getActor() + ": "
                    + command.getReason()
                    + (command.getThresholds() == null ? "" : " (" + RolloutText.thresholds(command.getThresholds()) + ")"));
            lines.add("    " + one.answer(command)
                    .map(answer -> answer.getDecision() + " at " + at(answer.getTimestamp()) + ": " + answer.getReason())
                    .orElse("not answered yet"));
        }
        return lines;
    }

    private static String published(ThresholdUpdate update) {
        String thresholds = update.getKillSwitch()
                ? "kill switch: built-in thresholds"
                : RolloutText.thresholds(update.getMode(), update.getMinOperators(), update.getMinMacs(), update.getMaxBytesPerMac());
        return "epoch " + update.getEpoch() + ": " + thresholds;
    }

    private static String acknowledged(ClassRollouts one, AckTally acks) {
        int refused = acks.refused(one.deviceClass());
        return acks.applied(one.deviceClass()) + " devices" + (refused == 0 ? "" : ", " + refused + " refused");
    }

    static Optional<Instant> since(RolloutStatus status) {
        if (status instanceof RolloutStatus.UnderWay underWay) {
            return Optional.of(underWay.entered().getTimestamp());
        }
        return status instanceof RolloutStatus.Ended ended ? Optional.of(ended.end().getTimestamp()) : Optional.empty();
    }

    static Optional<String> rolloutId(RolloutStatus status) {
        if (status instanceof RolloutStatus.UnderWay underWay) {
            return Optional.of(underWay.entered().getRolloutId());
        }
        return status instanceof RolloutStatus.Ended ended ? Optional.of(ended.end().getRolloutId()) : Optional.empty();
    }

    private static String at(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
