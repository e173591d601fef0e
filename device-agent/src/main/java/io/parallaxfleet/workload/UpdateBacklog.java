package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdDecision;
import io.parallaxfleet.thresholds.ThresholdStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks through updates that came together and finds the one to apply: a device that was away re-plans once and not once for each
 * epoch it missed.
 */
public final class UpdateBacklog {
    /** An update and what the device decided. */
    public record Decided(ThresholdUpdate update, ThresholdDecision decision) {}

    /**
     * @param settled updates that are not applied, in order
     * @param toApply the newest that is to be applied, with an {@link ThresholdDecision.Apply} decision
     */
    public record Result(List<Decided> settled, Optional<Decided> toApply) {}

    private UpdateBacklog() {}

    /** Judges the updates of the device's class in order; those of other classes are passed over without a word. */
    public static Result judge(ThresholdStore store, String deviceClass, List<ThresholdUpdate> updates) {
        PolicyInForce assumed = store.inForce();
        List<Decided> settled = new ArrayList<>();
        Optional<Decided> toApply = Optional.empty();
        for (ThresholdUpdate update : updates) {
            if (!update.getDeviceClass().equals(deviceClass)) {
                continue;
            }
            ThresholdDecision decision = store.judge(update, assumed);
            if (decision instanceof ThresholdDecision.Apply apply) {
                toApply.ifPresent(superseded -> settled.add(new Decided(superseded.update(),
                        new ThresholdDecision.Stale(superseded.update().getEpoch(), update.getEpoch()))));
                toApply = Optional.of(new Decided(update, decision));
                assumed = apply.next();
            } else {
                settled.add(new Decided(update, decision));
            }
        }
        return new Result(settled, toApply);
    }
}
