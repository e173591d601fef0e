package io.parallaxfleet.operators.rollout.staged;

/**
 * Watches failures and memory exhaustions of a rollout at every look. The unit is a device in a look that fails though its own past
 * did not. With {@code p} the members' share of the devices that reported, a failing device is a member with chance {@code p} if
 * nothing changed, and with {@code rp/(rp + 1 - p)} if members fail {@code r} times as often. The evidence is the likelihood ratio
 * of the two, multiplied over looks and averaged over {@code r}; without a change it ever exceeds {@code 1/α} with a chance of at
 * most α (Ville's inequality). Not thread-safe.
 */
public final class FailureGuard {
    private static final double[] RATIOS = {1.5, 2, 4, 8, 16};

    private final double error;
    private final double[] logEvidence;

    /** @param error α */
    public FailureGuard(double error) {
        this(error, new double[RATIOS.length]);
    }

    /** @param logEvidence what {@link #logEvidence()} of the guard to go on with said */
    public FailureGuard(double error, double[] logEvidence) {
        if (!(error > 0 && error < 1)) {
            throw new IllegalArgumentException("error is " + error + "; it must be in (0,1)");
        }
        if (logEvidence.length != RATIOS.length) {
            throw new IllegalArgumentException(logEvidence.length + " figures of evidence; " + RATIOS.length + " are needed");
        }
        this.error = error;
        this.logEvidence = logEvidence.clone();
    }

    /** All that it knows, to go on with after a restart. */
    public double[] logEvidence() {
        return logEvidence.clone();
    }

    /** One look; without devices on either side it says nothing. */
    public void look(int members, int failingMembers, int control, int failingControl) {
        if (failingMembers < 0 || failingMembers > members || failingControl < 0 || failingControl > control) {
            throw new IllegalArgumentException(failingMembers + " of " + members + " members and " + failingControl + " of " + control
                    + " control devices failed");
        }
        if (members == 0 || control == 0) {
            return;
        }
        double share = (double) members / (members + control);
        for (int i = 0; i < RATIOS.length; i++) {
            double shareIfHarmed = RATIOS[i] * share / (RATIOS[i] * share + 1 - share);
            logEvidence[i] += failingMembers * Math.log(shareIfHarmed / share)
                    + failingControl * Math.log((1 - shareIfHarmed) / (1 - share));
        }
    }

    /** How many times likelier the failures are if members fail more often. */
    public double evidence() {
        double sum = 0;
        for (double log : logEvidence) {
            sum += Math.exp(log);
        }
        return sum / RATIOS.length;
    }

    public boolean alarmed() {
        return evidence() > 1 / error;
    }
}
