package io.parallaxfleet.quickstart.rollout;

import static io.parallaxfleet.quickstart.rollout.RolloutRecords.CLASS;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.command;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.event;
import static io.parallaxfleet.quickstart.rollout.RolloutRecords.update;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutReportTest {
    private final RolloutBook book = new RolloutBook(
            List.of(event(RolloutDecision.PROPOSE, "r-1", 5, RolloutStage.SHADOW, 0)
                            .setThresholdsBefore(new PlanPolicy(DelegationMode.THRESHOLDS, 3, 1_000_000_000L, 0.1))
                            .setThresholdsAfter(new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0))
                            .build(),
                    event(RolloutDecision.PROMOTE, "r-1", 6, RolloutStage.CANARY, 10)
                            .setMeasurement(StageMeasurement.newBuilder().setMembers(12).setControl(988).setNeededMembers(8)
                                    .setMeanChange(Math.log(0.9)).setMeanHalfWidth(0.02).setTailChange(0.0).setTailHalfWidth(0.05)
                                    .build())
                            .build(),
                    event(RolloutDecision.PAUSE, "r-1", 6, RolloutStage.CANARY, 10).setPaused(true).setActor("ada")
                            .setReason("phones run hot").setCommandId("c-1").build()),
            List.of(update(4, "r-0", 1000).build(), update(6, "r-1", 10).build()),
            List.of(command("c-1", RolloutAction.PAUSE).build(), command("c-2", RolloutAction.ABORT).build()));
    private final AckTally acks = new AckTally(book);
    private final String list = String.join("\n", RolloutReport.list(book, acks));
    private final String show = String.join("\n", RolloutReport.show(book.of(CLASS).orElseThrow(), acks));

    @Test
    void the_list_labels_what_is_simulated_and_says_who_holds_the_rollout_and_why() {
        assertTrue(list.contains("SIMULATED") && list.contains("paused") && list.contains("ada") && list.contains("phones run hot"), list);
    }

    @Test
    void an_empty_list_says_so() {
        RolloutBook empty = new RolloutBook(List.of(), List.of(), List.of());
        assertEquals(1, RolloutReport.list(empty, new AckTally(empty)).size());
    }

    @Test
    void the_history_has_the_evidence_in_per_cent_with_its_interval() {
        assertTrue(show.contains("12 members (8 needed) against 988 others; mean -10.0 %, between -11.8 % and -8.2 %"), show);
    }

    @Test
    void a_class_that_changed_as_a_whole_names_the_models_that_were_its_control() {
        RolloutEvent event = event(RolloutDecision.COMPLETE, "r-2", 7, RolloutStage.FULL, 1000)
                .setModelControl(new ModelControl(List.of("detector"), List.of("embedder", "tagger"), Math.log(1.2), Math.log(1.25),
                        Math.log(0.96), 0.03, 12, 20))
                .build();

        assertEquals("detector against control embedder, tagger of the same plan, 12 and 20 windows; changed by -4.0 %, between -6.8 % "
                + "and -1.1 % (+20.0 % by themselves, the control +25.0 %); energy unavailable", RolloutText.evidence(event).orElseThrow());
        assertEquals("tagger", RolloutJson.event(event).get("modelControl").get("controlModels").get(1).asText());
    }

    @Test
    void the_history_has_the_thresholds_before_and_after() {
        assertTrue(show.contains("N >= 3, F >= 1.00e+09, B/F <= 0.100 -> never delegate"), show);
    }

    @Test
    void the_trial_is_told_apart_from_what_the_whole_class_runs() {
        assertTrue(show.contains("whole class   epoch 4"), show);
        assertTrue(show.contains("trial         epoch 6") && show.contains("for 1 % of the class"), show);
    }

    @Test
    void the_audit_has_every_command_with_its_answer_or_that_there_is_none() {
        String audit = show.substring(show.indexOf("Actions"));
        assertTrue(audit.contains("PAUSE by ada: phones run hot"), audit);
        assertTrue(audit.contains("ABORT by ada: phones run hot\n    not answered yet"), audit);
    }

    @Test
    void json_has_the_same_facts_with_units_in_the_names_and_null_for_what_is_not_known() {
        JsonNode one = RolloutJson.show(book.of(CLASS).orElseThrow(), acks);
        assertTrue(one.get("simulated").asBoolean() && one.get("paused").asBoolean() && one.get("underWay").asBoolean());
        assertEquals(10, one.get("membershipPerMille").asInt());
        assertEquals(12, one.get("history").get(1).get("measurement").get("members").asInt());
        assertTrue(one.get("history").get(0).get("measurement").isNull());
        assertTrue(one.get("actions").get(1).get("answer").isNull());
        assertFalse(one.get("actions").get(0).get("answer").isNull());
        assertEquals(1, RolloutJson.list(book, acks).size());
    }
}
