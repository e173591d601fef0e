package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.util.List;
import java.util.Optional;

/**
 * The class that is large enough for stages and whose rollouts the job makes by itself: where they stand, by what the job said and
 * committed. Not thread-safe.
 */
final class StagedClass {
    /** Large enough for a control, and faster with other thresholds than those it starts with. */
    static final String PROFILE = "fast-gpu";
    static final String DEVICE_CLASS = "sim-phone-fast-gpu";
    static final int DEVICES = 120;
    static final List<String> MODELS = List.of("squeezenet1_1", "mobilenet_v2");

    private Integer perMille;
    private int rollouts;
    private boolean ended;

    /** A committed record of the rollouts topic. */
    void heard(RolloutEvent event) {
        if (!event.getDeviceClass().equals(DEVICE_CLASS)) {
            return;
        }
        RolloutDecision decision = event.getDecision();
        // What a person's command did is no stage of the job's.
        if (decision == RolloutDecision.PROMOTE && event.getCommandId() == null && event.getDevices() != null) {
            rollouts += perMille == null ? 1 : 0;
            perMille = event.getMembershipPerMille();
            ended = false;
        } else if (decision == RolloutDecision.COMPLETE || decision == RolloutDecision.ROLLBACK || decision == RolloutDecision.ABORT) {
            perMille = null;
            ended = true;
        }
    }

    /** The share of the class that runs what is on trial; empty where nothing is. */
    Optional<Integer> underWay() {
        return Optional.ofNullable(perMille);
    }

    /** Whether the last rollout is over, and another one has to be given a reason. */
    boolean takeEnd() {
        boolean was = ended;
        ended = false;
        return was;
    }

    /** Rollouts that reached a first stage. */
    int rollouts() {
        return rollouts;
    }
}
