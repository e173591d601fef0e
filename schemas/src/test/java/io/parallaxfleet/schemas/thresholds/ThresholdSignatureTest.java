package io.parallaxfleet.schemas.thresholds;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class ThresholdSignatureTest {
    private final ThresholdSignature fleet = new ThresholdSignature("a key of the whole fleet".getBytes(StandardCharsets.UTF_8));

    private static ThresholdUpdate update() {
        Interval interval = new Interval(1e-9, 0.5e-9, 2e-9);
        return ThresholdUpdate.newBuilder()
                .setDeviceClass("linux-x86_64-some-cpu")
                .setSimulated(false)
                .setEpoch(3)
                .setPreviousEpoch(2)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(3)
                .setMinMacs(1_000_000_000L)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setCostModel(new CostModelEstimate(interval, interval, interval, interval, 100L, 50L, 12, 0.08, null))
                .setPredictedBeforeNanos(2e6)
                .setPredictedAfterNanos(1e6)
                .setRolloutId("rollout-3")
                .setStage(RolloutStage.CANARY)
                .setMembershipPerMille(10)
                .setKillSwitch(false)
                .setIssuedAt(Instant.ofEpochMilli(1_700_000_000_000L))
                .setIssuedBy("job")
                .setReason("fitted")
                .build();
    }

    @Test
    void whatTheFleetSignedVerifiesAlsoAfterTheWire() throws IOException {
        ByteBuffer wire = fleet.sign(update()).toByteBuffer();

        assertTrue(fleet.verifies(ThresholdUpdate.fromByteBuffer(wire)));
    }

    @Test
    void anUnsignedUpdateDoesNotVerify() {
        assertFalse(fleet.verifies(update()));
    }

    @Test
    void anotherKeyDoesNotVerify() {
        ThresholdSignature other = new ThresholdSignature("the key of another fleet".getBytes(StandardCharsets.UTF_8));

        assertFalse(fleet.verifies(other.sign(update())));
    }

    @Test
    void changingTheShareAfterwardsBreaksTheSignature() {
        ThresholdUpdate signed = fleet.sign(update());
        signed.setMembershipPerMille(1000);

        assertFalse(fleet.verifies(signed));
    }

    @Test
    void aLineBreakInAReasonCannotPassForAnotherField() {
        ThresholdUpdate honest = ThresholdUpdate.newBuilder(update()).setIssuedBy("job").setReason("x").build();
        ThresholdUpdate forged = ThresholdUpdate.newBuilder(update()).setIssuedBy("job\nreason=x").setReason("").build();

        assertFalse(ThresholdSignature.canonicalText(honest).equals(ThresholdSignature.canonicalText(forged)));
    }

    @Test
    void everyFieldOfTheSchemaButTheSignatureIsSigned() {
        Set<String> signed = ThresholdSignature.canonicalText(update()).lines()
                .map(line -> line.substring(0, line.indexOf('=')).split("\\.")[0])
                .collect(Collectors.toSet());
        List<String> forgotten = ThresholdUpdate.getClassSchema().getFields().stream()
                .map(Schema.Field::name)
                .filter(name -> !name.equals("signature") && !signed.contains(name))
                .toList();

        assertTrue(forgotten.isEmpty(), "not signed: " + forgotten);
    }

    @Test
    void aShortKeyIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ThresholdSignature(new byte[ThresholdSignature.MIN_KEY_BYTES - 1]));
    }
}
