package io.parallaxfleet.operators.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ControlRulesTest {
    private final PlanProfile plan = Plans.ofTwoBranches("plan");

    @Test
    void aGoodPlanBreaksNoRule() {
        assertEquals(Optional.empty(), ControlRules.firstFault(plan));
    }

    @Test
    void aNegativeRegionIsNamed() {
        plan.getRegions().get(0).setMacs(-1);

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("regions[0] has 4 operators, -1 MACs"));
    }

    @Test
    void aNegativeBranchIsNamed() {
        plan.getBranches().get(1).setBoundaryBytes(-7);

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("branches[1]"));
    }

    @Test
    void anEpochThatTheNextOneWouldOverflowIsRefused() {
        plan.setPolicyEpoch(Long.MAX_VALUE);

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("policyEpoch is 9223372036854775807"));
    }

    @Test
    void aPolicyOutOfRangeIsNamed() {
        plan.setPolicy(new PlanPolicy(DelegationMode.THRESHOLDS, 0, 1L, 0.1));

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("policy: minOperators is 0"));
    }

    @Test
    void aPolicyOfAModeThatIsNotKnownYetIsLetThrough() {
        plan.setPolicy(new PlanPolicy(DelegationMode.UNKNOWN, 0, 0L, 0.0));

        assertEquals(Optional.empty(), ControlRules.firstFault(plan));
    }

    @Test
    void aSimulatedPlanOfAMeasuredClassIsRefused() {
        plan.setSimulated(true);

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("simulated is true"));
    }

    @Test
    void aClassNamedLikeTheTrialsOfAnotherIsRefused() {
        plan.setDeviceClass("board#candidate");

        assertTrue(ControlRules.firstFault(plan).orElseThrow().startsWith("deviceClass 'board#candidate' ends with"));
    }
}
