package io.parallaxfleet.thresholds;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import java.util.Optional;

/**
 * Judges published updates for one device. Fails closed: what is not understood is refused. Pure; immutable and thread-safe.
 *
 * <p>Order of the tests: addressed to this device, signature, epoch, kill switch, mode and stage, ranges, membership. The
 * signature comes before the epoch so that a forged record never gets a different answer for a good guess.
 */
public final class ThresholdRules {
    static final int MAX_OPERATORS = 1_000_000;
    static final long MAX_MACS = 1_000_000_000_000_000L;
    static final double MAX_BYTES_PER_MAC = 1e9;

    private final DeviceIdentity device;
    private final Optional<ThresholdSignature> signature;

    /** @param signature key of the fleet; empty: signatures are not asked for */
    public ThresholdRules(DeviceIdentity device, Optional<ThresholdSignature> signature) {
        this.device = device;
        this.signature = signature;
    }

    /** What to do with the update while {@code inForce} is in force. */
    public ThresholdDecision judge(ThresholdUpdate update, PolicyInForce inForce) {
        Optional<String> notForUs = addressed(update);
        if (notForUs.isPresent()) {
            return new ThresholdDecision.Refuse(notForUs.get());
        }
        if (signature.isPresent() && !signature.get().verifies(update)) {
            return new ThresholdDecision.Refuse(update.getSignature() == null
                    ? "the update is not signed and this device has a key"
                    : "the signature does not match this device's key");
        }
        if (update.getEpoch() < 1) {
            return refuse("epoch", update.getEpoch(), ">= 1");
        }
        if (update.getEpoch() <= inForce.epoch()) {
            return new ThresholdDecision.Stale(update.getEpoch(), inForce.epoch());
        }
        if (update.getKillSwitch()) {
            return new ThresholdDecision.Apply(new PolicyInForce(DelegationPolicy.paper(), update.getEpoch(),
                    update.getRolloutId(), PolicyInForce.Origin.KILL_SWITCH), inForce.epoch());
        }
        Optional<ThresholdDecision> malformed = malformed(update);
        if (malformed.isPresent()) {
            return malformed.get();
        }
        // A shadow stage is computed and shown, never applied, whatever share it names.
        int perMille = update.getStage() == RolloutStage.SHADOW ? 0 : update.getMembershipPerMille();
        int bucket = RolloutMembership.bucket(device.deviceId(), update.getRolloutId());
        if (bucket >= perMille) {
            return new ThresholdDecision.NotMember(bucket, perMille);
        }
        DelegationPolicy policy = update.getMode() == DelegationMode.NEVER
                ? new DelegationPolicy.Never()
                : new DelegationPolicy.Thresholds(update.getMinOperators(), update.getMinMacs(), update.getMaxBytesPerMac());
        return new ThresholdDecision.Apply(
                new PolicyInForce(policy, update.getEpoch(), update.getRolloutId(), PolicyInForce.Origin.PUBLISHED),
                inForce.epoch());
    }

    private Optional<String> addressed(ThresholdUpdate update) {
        if (!update.getDeviceClass().equals(device.deviceClass())) {
            return Optional.of("deviceClass is '" + update.getDeviceClass() + "'; this device is of class '"
                    + device.deviceClass() + "'");
        }
        if (update.getSimulated() != device.simulated()) {
            return Optional.of("simulated is " + update.getSimulated() + "; this device is "
                    + (device.simulated() ? "simulated" : "real"));
        }
        return Optional.empty();
    }

    private static Optional<ThresholdDecision> malformed(ThresholdUpdate update) {
        if (update.getMode() == DelegationMode.UNKNOWN) {
            return Optional.of(refuse("mode", "UNKNOWN", "THRESHOLDS or NEVER; a newer agent may know this mode"));
        }
        if (update.getStage() == RolloutStage.UNKNOWN) {
            return Optional.of(refuse("stage", "UNKNOWN", "a stage this agent knows"));
        }
        int perMille = update.getMembershipPerMille();
        if (perMille < 0 || perMille > RolloutMembership.BUCKETS) {
            return Optional.of(refuse("membershipPerMille", perMille, "0..1000"));
        }
        if (update.getMode() == DelegationMode.NEVER) {
            return Optional.empty();
        }
        if (update.getMinOperators() < 1 || update.getMinOperators() > MAX_OPERATORS) {
            return Optional.of(refuse("minOperators", update.getMinOperators(), "1.." + MAX_OPERATORS));
        }
        if (update.getMinMacs() < 0 || update.getMinMacs() > MAX_MACS) {
            return Optional.of(refuse("minMacs", update.getMinMacs(), "0.." + MAX_MACS));
        }
        double ratio = update.getMaxBytesPerMac();
        if (!(ratio >= 0 && ratio <= MAX_BYTES_PER_MAC)) {
            return Optional.of(refuse("maxBytesPerMac", ratio, "0..1e9"));
        }
        return Optional.empty();
    }

    private static ThresholdDecision refuse(String field, Object value, String allowed) {
        return new ThresholdDecision.Refuse(field + " is " + value + "; allowed is " + allowed);
    }
}
