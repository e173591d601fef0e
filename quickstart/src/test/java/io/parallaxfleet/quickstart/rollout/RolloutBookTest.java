package io.parallaxfleet.quickstart.rollout;

import static io.parallaxfleet.quickstart.rollout.RolloutRecords.CLASS;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.command;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.event;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.update;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RolloutBookTest {
    private final List<RolloutEvent> events = new ArrayList<>();
    private final List<ThresholdUpdate> updates = new ArrayList<>();
    private final List<RolloutCommand> commands = new ArrayList<>();

    private RolloutBook book() {
        return new RolloutBook(events, updates, commands);
    }

    private ClassRollouts theClass() {
        return book().of(CLASS).orElseThrow();
    }

    private void decided(RolloutDecision decision, long epoch, RolloutStage stage, int perMille) {
        events.add(event(decision, "r-1", epoch, stage, perMille).build());
    }

    @Nested
    class TheStatus {
        @Test
        void of_a_class_that_only_holds_is_that_there_was_no_rollout() {
            decided(RolloutDecision.HOLD, 0, RolloutStage.FULL, 0);
            assertInstanceOf(RolloutStatus.None.class, theClass().status());
            assertEquals(Optional.empty(), theClass().rolloutUnderWay());
        }

        @Test
        void tells_the_stage_and_since_when_whatever_was_held_or_paused_since() {
            decided(RolloutDecision.PROPOSE, 1, RolloutStage.SHADOW, 0);
            decided(RolloutDecision.PROMOTE, 2, RolloutStage.CANARY, 10);
            decided(RolloutDecision.HOLD, 3, RolloutStage.CANARY, 10);
            decided(RolloutDecision.PAUSE, 4, RolloutStage.CANARY, 10);
            RolloutStatus.UnderWay status = assertInstanceOf(RolloutStatus.UnderWay.class, theClass().status());
            assertEquals("1 %", status.text());
            assertEquals(2, status.entered().getEpoch());
            assertEquals(Optional.of("r-1"), theClass().rolloutUnderWay());
        }

        @Test
        void ends_with_completion_rollback_and_abort() {
            for (RolloutDecision end : List.of(RolloutDecision.COMPLETE, RolloutDecision.ROLLBACK, RolloutDecision.ABORT)) {
                events.clear();
                decided(RolloutDecision.PROPOSE, 1, RolloutStage.CANARY, 10);
                decided(end, 2, RolloutStage.FULL, 1000);
                assertInstanceOf(RolloutStatus.Ended.class, theClass().status());
                assertEquals(Optional.empty(), theClass().rolloutUnderWay());
            }
        }

        @Test
        void ends_when_somebody_sets_thresholds_for_the_whole_class() {
            decided(RolloutDecision.PROPOSE, 5, RolloutStage.CANARY, 10);
            updates.add(update(5, "r-1", 10).build());
            updates.add(update(6, "by-hand", 1000).setIssuedBy("ada").build());
            assertEquals("superseded by epoch 6 of ada", theClass().status().text());
        }
    }

    @Nested
    class WhatIsPublished {
        @Test
        void is_the_newest_of_the_whole_class_and_the_newest_trial_beside_it() {
            updates.add(update(7, "r-2", 50).build());
            updates.add(update(5, "r-1", 1000).build());
            updates.add(update(6, "r-2", 10).build());
            updates.add(update(4, "r-0", 1000).build());
            assertEquals(5, theClass().baseline().orElseThrow().getEpoch());
            assertEquals(7, theClass().candidate().orElseThrow().getEpoch());
            assertEquals(7, theClass().epoch());
        }

        @Test
        void has_no_trial_that_the_whole_class_has_left_behind() {
            updates.add(update(7, "r-2", 50).build());
            updates.add(update(8, "r-2", 1000).build());
            assertEquals(Optional.empty(), theClass().candidate());
            assertEquals(8, theClass().epoch());
        }
    }

    @Nested
    class AcknowledgementsAre {
        @Test
        void counted_once_a_device_for_the_epoch_in_question_alone() {
            updates.add(update(5, "r-1", 1000).build());
            updates.add(update(6, "r-2", 10).build());
            AckTally tally = new AckTally(book());
            tally.add(ack("a", 6, AckOutcome.APPLIED));
            tally.add(ack("a", 6, AckOutcome.APPLIED));
            tally.add(ack("b", 5, AckOutcome.APPLIED));
            tally.add(ack("c", 6, AckOutcome.NOT_MEMBER));
            tally.add(ack("d", 6, AckOutcome.REFUSED));
            assertEquals(1, tally.applied(CLASS));
            assertEquals(1, tally.refused(CLASS));
        }

        private ThresholdAck ack(String device, long epoch, AckOutcome outcome) {
            return new ThresholdAck(device, CLASS, true, epoch, "r", outcome, null, List.of(), RolloutRecords.START);
        }
    }

    @Test
    void an_answer_is_found_by_the_id_of_its_command() {
        RolloutCommand pause = command("c-1", RolloutAction.PAUSE).build();
        RolloutCommand abort = command("c-2", RolloutAction.ABORT).build();
        commands.add(pause);
        commands.add(abort);
        decided(RolloutDecision.PROPOSE, 1, RolloutStage.CANARY, 10);
        events.add(event(RolloutDecision.PAUSE, "r-1", 1, RolloutStage.CANARY, 10).setCommandId("c-1").build());
        assertEquals(RolloutDecision.PAUSE, theClass().answer(pause).orElseThrow().getDecision());
        assertEquals(Optional.empty(), theClass().answer(abort));
    }

    @Test
    void a_fleet_that_a_person_froze_is_frozen_until_one_lets_it_go_on() {
        commands.add(command("c-1", RolloutAction.FREEZE).setDeviceClass("*").build());
        decided(RolloutDecision.PROPOSE, 1, RolloutStage.CANARY, 10);
        assertEquals("c-1", book().freeze().orElseThrow().getCommandId());
        assertEquals(1, theClass().commands().size());

        commands.add(command("c-2", RolloutAction.UNFREEZE).setDeviceClass("*").build());
        assertEquals(Optional.empty(), book().freeze());
    }

    @Test
    void a_refused_command_does_not_pass_for_a_decision() {
        decided(RolloutDecision.PROPOSE, 1, RolloutStage.CANARY, 10);
        decided(RolloutDecision.REFUSE, 1, RolloutStage.CANARY, 10);
        assertEquals(RolloutDecision.PROPOSE, theClass().lastDecision().orElseThrow().getDecision());
    }
}
