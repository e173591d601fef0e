package io.parallaxfleet.operators.rollout.staged;

/**
 * What one look says of the members, or of the control: sums over devices, so that parts of a group add up. Immutable.
 *
 * @param withPast devices with a past to be compared with
 * @param reporting those of them that reported in the stage
 * @param ran devices that ran since the last look and whose own past is free of failures
 * @param failing those of them that failed since the last look
 * @param mean own changes of the mean, over the devices that said enough on both sides
 * @param tail own changes of the 95th percentile, over the same devices
 * @param guard own changes of the mean of what guards, over the devices that said enough of that
 * @param unmetered devices that measured in the stage, but nothing of what is judged
 */
public record GroupLook(int withPast, int reporting, int ran, int failing, Moments mean, Moments tail, Moments guard, int unmetered) {
    public static final GroupLook NONE = new GroupLook(0, 0, 0, 0, Moments.NONE, Moments.NONE, Moments.NONE, 0);

    public GroupLook {
        if (reporting < 0 || reporting > withPast || failing < 0 || failing > ran || mean.count() != tail.count() || unmetered < 0) {
            throw new IllegalArgumentException(reporting + " of " + withPast + " devices report, " + failing + " of " + ran + " fail, "
                    + mean.count() + " and " + tail.count() + " changes");
        }
    }

    public GroupLook and(GroupLook other) {
        return new GroupLook(withPast + other.withPast, reporting + other.reporting, ran + other.ran, failing + other.failing,
                mean.and(other.mean), tail.and(other.tail), guard.and(other.guard), unmetered + other.unmetered);
    }

    /** Devices whose change is known. */
    public long measured() {
        return mean.count();
    }
}
