package io.parallaxfleet.schemas.thresholds;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 over the canonical text of a {@link ThresholdUpdate}: one {@code name=value} line for each field of version 1 of
 * the schema, in schema order, the signature left out. Text and not Avro bytes, so that a reader with a later schema computes
 * the same value. Immutable and thread-safe.
 */
public final class ThresholdSignature {
    private static final String ALGORITHM = "HmacSHA256";
    /** Shorter keys than the hash are padded with zeros by HMAC; half of it is the least worth calling a key. */
    public static final int MIN_KEY_BYTES = 16;

    private final SecretKeySpec key;

    /** @throws IllegalArgumentException when the key is shorter than {@link #MIN_KEY_BYTES} */
    public ThresholdSignature(byte[] key) {
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "the threshold signing key has " + key.length + " bytes; at least " + MIN_KEY_BYTES + " are needed");
        }
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** The update with its signature set; the argument is left as it is. */
    public ThresholdUpdate sign(ThresholdUpdate update) {
        return ThresholdUpdate.newBuilder(update).setSignature(ByteBuffer.wrap(mac(update))).build();
    }

    /** Whether the update carries the signature of this key. Takes the same time wherever the first wrong byte is. */
    public boolean verifies(ThresholdUpdate update) {
        ByteBuffer signature = update.getSignature();
        if (signature == null) {
            return false;
        }
        byte[] given = new byte[signature.remaining()];
        signature.duplicate().get(given);
        return MessageDigest.isEqual(given, mac(update));
    }

    private byte[] mac(ThresholdUpdate update) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(canonicalText(update).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has to provide " + ALGORITHM, e);
        }
    }

    /** What is signed. Line breaks inside a value are escaped, so that no value can pass for two fields. */
    static String canonicalText(ThresholdUpdate update) {
        StringBuilder text = new StringBuilder(512);
        line(text, "deviceClass", update.getDeviceClass());
        line(text, "simulated", update.getSimulated());
        line(text, "epoch", update.getEpoch());
        line(text, "previousEpoch", update.getPreviousEpoch());
        line(text, "mode", update.getMode());
        line(text, "minOperators", update.getMinOperators());
        line(text, "minMacs", update.getMinMacs());
        line(text, "maxBytesPerMac", update.getMaxBytesPerMac());
        line(text, "objective", update.getObjective());
        costModel(text, update.getCostModel());
        line(text, "predictedBeforeNanos", update.getPredictedBeforeNanos());
        line(text, "predictedAfterNanos", update.getPredictedAfterNanos());
        line(text, "rolloutId", update.getRolloutId());
        line(text, "stage", update.getStage());
        line(text, "membershipPerMille", update.getMembershipPerMille());
        line(text, "killSwitch", update.getKillSwitch());
        line(text, "issuedAt", update.getIssuedAt().toEpochMilli());
        line(text, "issuedBy", update.getIssuedBy());
        line(text, "reason", update.getReason());
        return text.toString();
    }

    private static void costModel(StringBuilder text, CostModelEstimate estimate) {
        if (estimate == null) {
            line(text, "costModel", null);
            return;
        }
        interval(text, "costModel.cpuSecondsPerMac", estimate.getCpuSecondsPerMac());
        interval(text, "costModel.dispatchSeconds", estimate.getDispatchSeconds());
        interval(text, "costModel.acceleratorSecondsPerMac", estimate.getAcceleratorSecondsPerMac());
        interval(text, "costModel.secondsPerByte", estimate.getSecondsPerByte());
        line(text, "costModel.cpuSamples", estimate.getCpuSamples());
        line(text, "costModel.acceleratorSamples", estimate.getAcceleratorSamples());
        line(text, "costModel.distinctRegions", estimate.getDistinctRegions());
        line(text, "costModel.medianRelativeError", estimate.getMedianRelativeError());
    }

    private static void interval(StringBuilder text, String name, Interval interval) {
        line(text, name, interval.getValue() + " [" + interval.getLow() + ", " + interval.getHigh() + "]");
    }

    private static void line(StringBuilder text, String name, Object value) {
        String escaped = Objects.toString(value, "").replace("\\", "\\\\").replace("\n", "\\n");
        text.append(name).append('=').append(escaped).append('\n');
    }
}
