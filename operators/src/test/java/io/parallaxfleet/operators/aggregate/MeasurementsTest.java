package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
    private final PlanProfile plan = Plans.ofTwoBranches("plan");

    @Test
    void branchesCarryTheNamesAndPlacementsOfThePlan() {
        List<Measurement> branches = Measurements.branches(Telemetry.good(), plan);

        assertEquals(2, branches.size());
        assertEquals("L0.B0", branches.get(0).key().branch());
        assertEquals("ACCELERATOR", branches.get(1).key().placement());
        assertEquals(2_000_000, branches.get(1).latencyNanos());
        assertEquals(40L, branches.get(1).energyMicrojoules());
    }

    @Test
    void onlyTheBranchThatFellBackIsMarkedButSoIsTheWhole() {
        InferenceTelemetry fellBack = Telemetry.good();
        fellBack.setBranchActual(Telemetry.bytes(1, 1));
        fellBack.setBranchFallback(Telemetry.bytes(0, 2));
        fellBack.setValidity(Validity.FALLBACK);

        List<Measurement> branches = Measurements.branches(fellBack, plan);

        assertTrue(Measurements.whole(fellBack).fallback());
        assertFalse(branches.get(0).fallback());
        assertTrue(branches.get(0).valid());
        assertTrue(branches.get(1).fallback());
    }

    @Test
    void aThrottledInferenceIsInvalid() {
        InferenceTelemetry throttled = Telemetry.good();
        throttled.setValidity(Validity.THROTTLED);

        assertFalse(Measurements.whole(throttled).valid());
    }

    @Test
    void aPlanOfAnotherShapeDoesNotMatch() {
        InferenceTelemetry one = Telemetry.good();
        one.setBranchLatencyNanos(List.of(1L));

        assertTrue(Measurements.mismatch(one, plan).orElseThrow().contains("1 branches"));
        assertEquals(Optional.empty(), Measurements.mismatch(Telemetry.good(), plan));
    }

    @Test
    void aMeasuredAndASimulatedClassShareNoKey() {
        assertNotEquals(new ClassKey("board", false), new ClassKey("board", true));
    }
}
