package io.parallaxfleet.operators.rollout.staged;

import java.util.Optional;
import java.util.OptionalDouble;

/** Adds up what the devices of a class say at one look. Not thread-safe. */
public final class LookTally {
    /**
     * What one device measured of itself.
     *
     * @param guard own change of what guards
     * @param unmetered whether it measured since, but nothing of what is judged
     */
    record Own(Optional<DeviceChange> change, OptionalDouble guard, boolean unmetered) {}

    private static final class Group {
        private int withPast;
        private int reporting;
        private int ran;
        private int failing;
        private Moments mean = Moments.NONE;
        private Moments tail = Moments.NONE;
        private Moments guard = Moments.NONE;
        private int unmetered;

        GroupLook look() {
            return new GroupLook(withPast, reporting, ran, failing, mean, tail, guard, unmetered);
        }
    }

    private final Group members = new Group();
    private final Group control = new Group();
    private int devices;

    /** @param cleanAndRan whether it ran since the last look and did not fail before; only then its failures count */
    void add(boolean member, boolean hasPast, boolean reported, boolean cleanAndRan, boolean failed, Own own) {
        devices++;
        Group group = member ? members : control;
        group.withPast += hasPast ? 1 : 0;
        group.reporting += hasPast && reported ? 1 : 0;
        group.ran += cleanAndRan ? 1 : 0;
        group.failing += cleanAndRan && failed ? 1 : 0;
        own.change().ifPresent(change -> {
            group.mean = group.mean.with(change.meanChange());
            group.tail = group.tail.with(change.tailChange());
        });
        own.guard().ifPresent(change -> group.guard = group.guard.with(change));
        group.unmetered += reported && own.unmetered() ? 1 : 0;
    }

    /** Devices told, members and control. */
    public int devices() {
        return devices;
    }

    public GroupLook members() {
        return members.look();
    }

    /** Without a trial all devices. */
    public GroupLook control() {
        return control.look();
    }
}
