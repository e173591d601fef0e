package io.parallaxfleet.operators.aggregate;

import java.util.Objects;

/**
 * What one aggregate is about.
 *
 * @param branch name of the branch in its plan; null: the whole inference
 * @param placement planned placement of the branch, CPU or ACCELERATOR; null for the whole inference
 * @param planId the plan the branch belongs to; null for the whole inference
 * @param explored whether the plans were chosen by exploration
 */
public record AggregateKey(ClassKey classKey, String model, String branch, String placement, String planId, long policyEpoch,
        boolean explored) {
    public AggregateKey {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(model, "model");
        if ((branch == null) != (planId == null) || (branch == null) != (placement == null)) {
            throw new IllegalArgumentException("branch, placement and planId come together: " + branch + ", " + placement + ", "
                    + planId);
        }
    }

    /** Whether this is about whole inferences rather than one branch. */
    public boolean whole() {
        return branch == null;
    }

    /** Specified, unlike a record's own, because it decides which task owns the key and so must survive a restart. */
    @Override
    public int hashCode() {
        return Objects.hash(classKey, model, branch, placement, planId, policyEpoch, explored);
    }
}
