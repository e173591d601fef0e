package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.operators.rollout.LatencyWindow;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;

/** One of the six things a rollout reacts to, in the one type that a keyed operator can take; the others are null. */
public record RolloutInput(ClassKey classKey, ClassFit fit, ThresholdAck ack, ThresholdUpdate update, LatencyWindow window,
        LookPart look, RolloutCommand command) {
    public static RolloutInput of(ClassFit fit) {
        return new RolloutInput(fit.classKey(), fit, null, null, null, null, null);
    }

    public static RolloutInput of(ThresholdAck ack) {
        return new RolloutInput(new ClassKey(ack.getDeviceClass(), ack.getSimulated()), null, ack, null, null, null, null);
    }

    public static RolloutInput of(ThresholdUpdate update) {
        return new RolloutInput(new ClassKey(update.getDeviceClass(), update.getSimulated()), null, null, update, null, null, null);
    }

    public static RolloutInput of(LatencyWindow window) {
        return new RolloutInput(window.classKey(), null, null, null, window, null, null);
    }

    public static RolloutInput of(LookPart look) {
        return new RolloutInput(look.classKey(), null, null, null, null, look, null);
    }

    public static RolloutInput of(RolloutCommand command) {
        return new RolloutInput(new ClassKey(command.getDeviceClass(), command.getSimulated()), null, null, null, null, null, command);
    }
}
