package io.parallaxfleet.schemas.thresholds;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which devices take part in a rollout: {@code bucket = first 8 bytes of SHA-256(rolloutId + NUL + deviceId) mod 1000}; a device
 * takes part iff {@code bucket < membershipPerMille}. Needs no list of devices, differs between rollouts, and a device that is
 * in at one share stays in at every larger one.
 */
public final class RolloutMembership {
    /** Number of buckets. */
    public static final int BUCKETS = 1000;

    private RolloutMembership() {}

    /** The device's bucket in this rollout, in [0, {@link #BUCKETS}). */
    public static int bucket(String deviceId, String rolloutId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((rolloutId + '\0' + deviceId).getBytes(StandardCharsets.UTF_8));
            return (int) Long.remainderUnsigned(ByteBuffer.wrap(digest).getLong(), BUCKETS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has to provide SHA-256", e);
        }
    }

    /** Whether the device takes part when this share of the class does. */
    public static boolean isMember(String deviceId, String rolloutId, int membershipPerMille) {
        return bucket(deviceId, rolloutId) < membershipPerMille;
    }
}
