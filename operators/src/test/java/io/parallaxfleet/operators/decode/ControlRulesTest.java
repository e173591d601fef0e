package io.parallaxfleet.operators.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
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

    @Nested
    class ACommandForARollout {
        private final RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId("c-1")
                .setAction(RolloutAction.PAUSE)
                .setDeviceClass("phone")
                .setSimulated(false)
                .setRolloutId("phone-epoch-7")
                .setActor("ada")
                .setReason("battery reports look odd")
                .setTimestamp(Instant.ofEpochSecond(1_000))
                .build();

        @Test
        void thatIsCompleteBreaksNoRule() {
            assertEquals(Optional.empty(), ControlRules.firstFault(command));
        }

        @Test
        void mayLeaveOpenWhichRollout() {
            command.setRolloutId(null);

            assertEquals(Optional.empty(), ControlRules.firstFault(command));
        }

        @Test
        void hasToSayWho() {
            command.setActor(" ");

            assertEquals(Optional.of("actor is empty"), ControlRules.firstFault(command));
        }

        @Test
        void hasToSayWhy() {
            command.setReason("");

            assertEquals(Optional.of("reason is empty"), ControlRules.firstFault(command));
        }

        @Test
        void hasNoNovelForAReason() {
            command.setReason("x".repeat(ControlRules.MAX_REASON_CHARACTERS + 1));

            assertTrue(ControlRules.firstFault(command).orElseThrow().startsWith("reason has 2049 characters"));
        }

        @Test
        void ofAnActionThatIsNotKnownYetIsRefused() {
            command.setAction(RolloutAction.UNKNOWN);

            assertEquals(Optional.of("action is unknown to this build"), ControlRules.firstFault(command));
        }

        @Test
        void ofASimulatedClassHasToSaySo() {
            command.setDeviceClass("sim-phone");

            assertTrue(ControlRules.firstFault(command).orElseThrow().startsWith("simulated is false"));
        }

        @Test
        void toFreezeIsForTheWholeFleetAndNothingElseIs() {
            command.setAction(RolloutAction.FREEZE);
            assertTrue(ControlRules.firstFault(command).orElseThrow().startsWith("FREEZE is for class 'phone'"));

            command.setDeviceClass("*");
            command.setRolloutId(null);
            assertEquals(Optional.empty(), ControlRules.firstFault(command));

            command.setAction(RolloutAction.PAUSE);
            assertEquals(Optional.of("PAUSE is for the whole fleet; it is for one class only"), ControlRules.firstFault(command));
        }

        @Test
        void toPinMayBringThresholds() {
            command.setAction(RolloutAction.PIN);
            command.setThresholds(new PlanPolicy(DelegationMode.THRESHOLDS, 3, 1_000L, 0.1));

            assertEquals(Optional.empty(), ControlRules.firstFault(command));
        }

        @Test
        void toPinThresholdsOutOfRangeIsRefused() {
            command.setAction(RolloutAction.PIN);
            command.setThresholds(new PlanPolicy(DelegationMode.THRESHOLDS, 0, 1_000L, 0.1));

            assertTrue(ControlRules.firstFault(command).orElseThrow().startsWith("thresholds: minOperators is 0"));
        }

        @Test
        void bringsThresholdsOnlyToPin() {
            command.setThresholds(new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0));

            assertEquals(Optional.of("thresholds are given with PAUSE; only PIN takes them"), ControlRules.firstFault(command));
        }
    }
}
