package io.parallaxfleet.operators.rollout.staged;

import java.util.List;
import java.util.Objects;

/**
 * One rollout of one class through its stages: shadow, then every stage in which the class can show what has to be shown, then all
 * devices. Each step outwards and the way back is a new epoch, because epochs only grow; members of one stage are members of every
 * later one, and a device that joins late falls into its stage by its bucket like any other. The job does not run it yet. Not
 * thread-safe.
 */
public final class StagedRollout {
    /** What is to be done after a look. */
    public sealed interface Step {
        /** Publish the new thresholds under this epoch to this share of the class. */
        record Enter(Stage stage, long epoch) implements Step {}

        /** Publish them to every device. */
        record Complete(long epoch) implements Step {}

        /** Publish the thresholds before to every device. @param evidence null where failures spoke */
        record Restore(long epoch, String why, StageVerdict.Evidence evidence) implements Step {}

        record Wait(String why) implements Step {}
    }

    /** Looks in a row that must predict a gain before a device is touched. */
    static final int SHADOW_LOOKS = 3;

    private final StagedOptions options;
    private final StageJudge judge;
    private final List<Stage> stages;
    private final int devices;
    private Stage stage = Stage.SHADOW;
    /** No epoch given out for the class is above it. */
    private long epoch;
    private int promisingLooks;
    private boolean ended;
    /** Of this stage: a new one starts its evidence anew, since its groups are others. */
    private FailureGuard failures;

    /**
     * @param devices of the class when the rollout starts; its stages are planned with them
     * @param highestEpoch highest epoch ever given out for the class
     * @throws IllegalArgumentException when the class is too small for any stage and has to be compared with its own past
     */
    public StagedRollout(StagedOptions options, int devices, long highestEpoch) {
        this.options = Objects.requireNonNull(options, "options");
        this.judge = new StageJudge(options);
        this.stages = options.measurableStages(devices);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a class of " + devices + " devices is too small for a control beside its members");
        }
        this.devices = devices;
        this.epoch = highestEpoch;
        this.failures = new FailureGuard(options.testError());
    }

    public Stage stage() {
        return stage;
    }

    /** Failures of the stage's devices are to be told to it at each look. */
    public FailureGuard failures() {
        return failures;
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
                ? new Step.Wait(promisingLooks + " of " + SHADOW_LOOKS + " looks in a row predict a gain")
                : enter(stages.get(0));
    }

    /** A look at a stage that devices run. */
    public Step onLook(List<DeviceChange> changes, Reporting reporting) {
        require(stage != Stage.SHADOW);
        StageVerdict verdict = judge.judge(changes, options.neededMembers(devices), reporting, failures);
        if (verdict instanceof StageVerdict.Hold hold) {
            return new Step.Wait(hold.why());
        }
        if (verdict instanceof StageVerdict.Rollback rollback) {
            ended = true;
            return new Step.Restore(++epoch, rollback.why(), rollback.evidence());
        }
        int next = stages.indexOf(stage) + 1;
        if (next < stages.size()) {
            return enter(stages.get(next));
        }
        ended = true;
        return new Step.Complete(++epoch);
    }

    private Step enter(Stage next) {
        stage = next;
        failures = new FailureGuard(options.testError());
        return new Step.Enter(next, ++epoch);
    }

    private void require(boolean fitting) {
        if (ended || !fitting) {
            throw new IllegalStateException("the rollout " + (ended ? "has ended" : "is in stage " + stage));
        }
    }
}
