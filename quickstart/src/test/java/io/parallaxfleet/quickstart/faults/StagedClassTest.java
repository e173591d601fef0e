package io.parallaxfleet.quickstart.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StagedClassTest {
    private final StagedClass staged = new StagedClass();

    @Test
    void a_rollout_is_under_way_from_its_first_stage_on_devices_to_its_end() {
        heard(RolloutDecision.PROPOSE, 0, null);
        assertEquals(Optional.empty(), staged.underWay());

        heard(RolloutDecision.PROMOTE, 250, null);
        heard(RolloutDecision.HOLD, 250, null);
        assertEquals(Optional.of(250), staged.underWay());
        assertFalse(staged.takeEnd());

        heard(RolloutDecision.COMPLETE, 1000, null);
        assertEquals(Optional.empty(), staged.underWay());
        assertTrue(staged.takeEnd());
        assertFalse(staged.takeEnd());
        assertEquals(1, staged.rollouts());
    }

    @Test
    void a_stage_that_a_person_asked_for_is_not_the_jobs() {
        heard(RolloutDecision.PROMOTE, 250, "c-1");

        assertEquals(Optional.empty(), staged.underWay());
    }

    private void heard(RolloutDecision decision, int perMille, String commandId) {
        RolloutEvent event = new RolloutEvent();
        event.setDeviceClass(StagedClass.DEVICE_CLASS);
        event.setDecision(decision);
        event.setMembershipPerMille(perMille);
        event.setDevices(StagedClass.DEVICES);
        event.setCommandId(commandId);
        staged.heard(event);
    }
}
