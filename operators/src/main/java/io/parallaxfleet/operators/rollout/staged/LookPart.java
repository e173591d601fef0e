package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.Objects;

/**
 * What one task knows of a class at one look: its share of the devices.
 *
 * @param subtask which of {@code subtasks} says it
 * @param lookMillis event time of the look; the same for all parts of it
 * @param epoch of the trial the groups are of; without one of the whole class, and all devices are control
 * @param devices of the class that this task knows
 */
public record LookPart(ClassKey classKey, int subtask, int subtasks, long lookMillis, long epoch, int devices,
        GroupLook members, GroupLook control) {
    public LookPart {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(members, "members");
        Objects.requireNonNull(control, "control");
        if (subtask < 0 || subtask >= subtasks) {
            throw new IllegalArgumentException("part " + subtask + " of " + subtasks);
        }
    }
}
