package io.parallaxfleet.operators.rollout.staged;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One rollout of one class through its stages: shadow, then every stage in which the class can show what has to be shown, then all
 * devices. Each step outwards and the way back needs a new epoch, because epochs only grow; members of one stage are members of every
 * later one, and a device that joins late falls into its stage by its bucket like any other. Not thread-safe.
 */
public final class StagedRollout {
    /** What is to be done after a look. */
    public sealed interface Step {
        /** Publish the new thresholds to this share of the class. @param evidence null where nothing was measured yet */
        record Enter(Stage stage, StageVerdict.Evidence evidence) implements Step {}

        /** Publish them to every device. @param evidence null where a person said so */
        record Complete(StageVerdict.Evidence evidence) implements Step {}

        /** Publish the thresholds before to every device. @param evidence null where failures spoke */
        record Restore(String why, StageVerdict.Evidence evidence) implements Step {}

        /** @param verdict null in shadow */
        record Wait(String why, StageVerdict.Hold verdict) implements Step {}

        /** The stage has shown what it had to, and a person or a freeze keeps it where it is. */
        record Ready(StageVerdict.Evidence evidence) implements Step {}
    }

    /**
     * Where it stands, to go on with after a restart.
     *
     * @param devices of the class when it started; its stages are planned with them
     * @param failures what {@link FailureGuard#logEvidence()} said
     */
    public record Position(Stage stage, int devices, int promisingLooks, double[] failures) {
        public Position {
            Objects.requireNonNull(stage, "stage");
            failures = failures.clone();
        }
    }

    /** Looks in a row that must predict a gain before a device is touched. */
    public static final int SHADOW_LOOKS = 3;

    private final StagedOptions options;
    private final StageJudge judge;
    private final List<Stage> stages;
    private final int devices;
    private Stage stage;
    private int promisingLooks;
    private boolean ended;
    /** Of this stage: a new one starts its evidence anew, since its groups are others. */
    private FailureGuard failures;
    private double failureEvidence = 1;
    /** Of the last look; null before the first. */
    private StageVerdict verdict;

    /**
     * Starts in shadow.
     *
     * @param devices of the class
     * @throws IllegalArgumentException when the class is too small for any stage and has to be compared with its own past
     */
    public StagedRollout(StagedOptions options, int devices) {
        this(options, new Position(Stage.SHADOW, devices, 0, new FailureGuard(options.testError()).logEvidence()));
    }

    /** Goes on where another one stood. */
    public StagedRollout(StagedOptions options, Position position) {
        this.options = Objects.requireNonNull(options, "options");
        this.judge = new StageJudge(options);
        this.stages = options.measurableStages(position.devices());
        if (stages.isEmpty()) {
            throw new IllegalArgumentException(
                    "a class of " + position.devices() + " devices is too small for a control beside its members");
        }
        this.devices = position.devices();
        this.stage = position.stage();
        this.promisingLooks = position.promisingLooks();
        this.failures = new FailureGuard(options.testError(), position.failures());
    }

    public Position position() {
        return new Position(stage, devices, promisingLooks, failures.logEvidence());
    }

    public Stage stage() {
        return stage;
    }

    /** What the failures up to the last look say; see {@link FailureGuard#evidence()}. */
    public double failureEvidence() {
        return failureEvidence;
    }

    /** What the last look at a stage said. */
    public Optional<StageVerdict> verdict() {
        return Optional.ofNullable(verdict);
    }

    /** Whether it is complete or taken back. */
    public boolean ended() {
        return ended;
    }

    /** A look in shadow: the new thresholds were scored on what the class ran since the last. */
    public Step onShadow(boolean predictsGain) {
        require(stage == Stage.SHADOW);
        promisingLooks = predictsGain ? promisingLooks + 1 : 0;
        return promisingLooks < SHADOW_LOOKS
                ? new Step.Wait(promisingLooks + " of " + SHADOW_LOOKS + " looks in a row predict a gain", null)
                : outwards(null);
    }

    /**
     * A look at a stage that devices run.
     *
     * @param held whether it must not go further; what is harmful is taken back all the same
     */
    public Step onLook(GroupLook members, GroupLook control, boolean held) {
        require(stage != Stage.SHADOW);
        failures.look(members.ran(), members.failing(), control.ran(), control.failing());
        failureEvidence = failures.evidence();
        verdict = judge.judge(members, control, options.neededMembers(devices), failures);
        if (verdict instanceof StageVerdict.Hold hold) {
            return new Step.Wait(hold.why(), hold);
        }
        if (verdict instanceof StageVerdict.Rollback rollback) {
            ended = true;
            return new Step.Restore(rollback.why(), rollback.evidence());
        }
        StageVerdict.Evidence evidence = ((StageVerdict.Promote) verdict).evidence();
        return held ? new Step.Ready(evidence) : outwards(evidence);
    }

    /** A person answers for the next step outwards. */
    public Step promote() {
        require(true);
        return outwards(null);
    }

    private Step outwards(StageVerdict.Evidence evidence) {
        Optional<Stage> next = stages.stream().filter(wider -> wider.compareTo(stage) > 0).findFirst();
        if (next.isEmpty()) {
            ended = true;
            return new Step.Complete(evidence);
        }
        stage = next.get();
        failures = new FailureGuard(options.testError());
        return new Step.Enter(stage, evidence);
    }

    private void require(boolean fitting) {
        if (ended || !fitting) {
            throw new IllegalStateException("the rollout " + (ended ? "has ended" : "is in stage " + stage));
        }
    }
}
