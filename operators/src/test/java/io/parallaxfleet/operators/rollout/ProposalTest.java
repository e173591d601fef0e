package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.ISSUER;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.missing;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a class that is too small for stages is proposed, and when. */
class ProposalTest {
    private final RolloutScenario scenario = new RolloutScenario();

    @Test
    void aFitThatIsMissingDataIsReportedOnceForEachReason() {
        assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.rollout.onFit(scenario.state, missing("DISTINCT_REGIONS"), NOW)).getDecision());
        assertEquals(List.of(), scenario.rollout.onFit(scenario.state, missing("DISTINCT_REGIONS"), NOW));
        assertEquals(1, scenario.rollout.onFit(scenario.state, missing("CONDITION"), NOW).size());
    }

    @Test
    void nothingIsProposedBeforeTheEpochInForceIsKnown() {
        scenario.count(2, 2);
        assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.fit()).getDecision());
    }

    @Test
    void betterThresholdsArePublishedUnderTheNextEpoch() {
        scenario.smallClass();

        ThresholdUpdate update = onlyUpdate(scenario.fit());

        assertEquals(1, update.getEpoch());
        assertEquals(0, update.getPreviousEpoch());
        assertEquals(DelegationMode.NEVER, update.getMode());
        assertEquals(RolloutStage.FULL, update.getStage());
        assertEquals(1000, update.getMembershipPerMille());
        assertEquals(ISSUER, update.getIssuedBy());
    }

    @Test
    void theProposalIsAnEventWithTheSameIdAndEpoch() {
        scenario.smallClass();
        List<Emission> emissions = scenario.fit();

        RolloutEvent event = onlyEvent(emissions);
        assertEquals(RolloutDecision.PROPOSE, event.getDecision());
        assertEquals(onlyUpdate(emissions).getRolloutId(), event.getRolloutId());
        assertEquals(1, event.getEpoch());
    }

    @Test
    void anEpochSeenInAnAcknowledgementIsNeverGivenOut() {
        scenario.smallClass();
        scenario.ack("device-1", 41, AckOutcome.APPLIED);

        assertEquals(42, onlyUpdate(scenario.fit()).getEpoch());
    }

    @Test
    void anEpochSeenInTelemetryIsNeverGivenOut() {
        scenario.smallClass();
        scenario.measure(17, 10e6, 100);

        assertEquals(18, onlyUpdate(scenario.fit()).getEpoch());
    }
}
