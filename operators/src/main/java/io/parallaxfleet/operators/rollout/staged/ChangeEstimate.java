package io.parallaxfleet.operators.rollout.staged;

/**
 * By how much members changed more than the control did: the difference of the two groups' mean own changes, so that what moves
 * all devices alike (time of day, a new model, the weather) cancels.
 *
 * @param change members less control
 * @param variance of {@code change}, from the spread between devices
 */
public record ChangeEstimate(double change, double variance, long members, long control) {
    /** From the own changes of either group; both need at least two devices. */
    static ChangeEstimate of(Moments members, Moments control) {
        if (members.count() < 2 || control.count() < 2) {
            throw new IllegalArgumentException(
                    members.count() + " members and " + control.count() + " control devices; two of each are needed");
        }
        double pooled = (members.squares() + control.squares()) / (members.count() + control.count() - 2);
        // A dozen members may look steadier than they are; if the change makes them differ more, that counts.
        double ofMembers = Math.max(pooled, members.squares() / (members.count() - 1));
        return new ChangeEstimate(members.mean() - control.mean(), ofMembers / members.count() + pooled / control.count(),
                members.count(), control.count());
    }
}
