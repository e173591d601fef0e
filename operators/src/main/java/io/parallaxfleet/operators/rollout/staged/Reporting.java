package io.parallaxfleet.operators.rollout.staged;

/**
 * How many of the devices that had a past still report. A change that silences devices leaves the healthy ones to be compared, so
 * a difference between the groups makes every other comparison worthless. Immutable.
 *
 * @param membersBefore devices with a past that are members
 * @param membersNow those of them that reported since
 */
public record Reporting(int membersBefore, int membersNow, int controlBefore, int controlNow) {
    /** Two-sided chance of 6e-5 without a difference: it is looked at often. */
    private static final double DEVIATE = 4;

    public Reporting {
        if (membersNow < 0 || membersNow > membersBefore || controlNow < 0 || controlNow > controlBefore) {
            throw new IllegalArgumentException(membersNow + " of " + membersBefore + " members and " + controlNow + " of "
                    + controlBefore + " control devices report");
        }
    }

    /** Whether the groups report in the same share, as far as can be told. */
    public boolean balanced() {
        if (membersBefore == 0 || controlBefore == 0) {
            return true;
        }
        double share = (double) (membersNow + controlNow) / (membersBefore + controlBefore);
        double deviation = Math.sqrt(share * (1 - share) * (1.0 / membersBefore + 1.0 / controlBefore));
        double difference = (double) membersNow / membersBefore - (double) controlNow / controlBefore;
        return Math.abs(difference) <= DEVIATE * deviation;
    }
}
