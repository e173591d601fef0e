package io.parallaxfleet.quickstart.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteeringTest {
    private final Steering steering = new Steering();

    @Test
    void every_command_asks_for_thresholds_of_its_own() {
        assertFalse(steering.next("board", true, FaultRecords.THEN).getThresholds()
                .equals(steering.next("board", true, FaultRecords.THEN).getThresholds()));
    }

    @Test
    void to_try_again_the_thresholds_before_come_back_and_the_class_is_let_go() {
        List<RolloutAction> actions = steering.again("sim-board", FaultRecords.THEN).stream().map(RolloutCommand::getAction).toList();

        assertEquals(List.of(RolloutAction.PIN, RolloutAction.UNPIN), actions);
        assertEquals(2, steering.commands());
    }

    @Test
    void a_command_that_was_answered_once_is_in_order() {
        answer(steering.next("board", true, FaultRecords.THEN).getCommandId(), RolloutDecision.PIN);

        assertTrue(steering.allAnswered());
        assertEquals(List.of(), steering.differences());
    }

    @Test
    void tells_a_command_that_nobody_answered() {
        steering.next("board", true, FaultRecords.THEN);

        assertFalse(steering.allAnswered());
        assertEquals(1, steering.differences().size());
    }

    @Test
    void tells_a_command_that_was_followed_twice() {
        String id = steering.next("board", true, FaultRecords.THEN).getCommandId();
        answer(id, RolloutDecision.PIN);
        answer(id, RolloutDecision.PIN);

        assertEquals(List.of("command " + id + " was answered 2 times"), steering.differences());
    }

    @Test
    void tells_a_command_that_was_refused() {
        answer(steering.next("board", true, FaultRecords.THEN).getCommandId(), RolloutDecision.REFUSE);

        assertTrue(steering.differences().get(0).startsWith("refused"), steering.differences()::toString);
    }

    private void answer(String commandId, RolloutDecision decision) {
        RolloutEvent event = new RolloutEvent();
        event.setCommandId(commandId);
        event.setDecision(decision);
        event.setReason("a reason");
        steering.heard(event);
    }
}
