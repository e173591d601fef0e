package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.REGION;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static io.parallaxfleet.operators.rollout.RolloutScenario.savedAndRestored;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a restored job goes on with. */
class RestartTest {
    private final RolloutScenario scenario = new RolloutScenario();

    @Test
    void aSavedRolloutIsCompletedByTheRestoredJob() throws IOException {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);
        scenario.measure(1, 7e6, 20);

        scenario.state = savedAndRestored(scenario.state);

        assertEquals(RolloutDecision.COMPLETE, onlyEvent(scenario.measure(1, 7e6, 40)).getDecision());
    }

    @Test
    void aProposalPublishedAfterTheLastCheckpointIsTakenUpFromTheTopic() throws IOException {
        scenario.smallClass();
        RolloutState checkpoint = savedAndRestored(scenario.state);
        ThresholdUpdate update = onlyUpdate(scenario.fit());

        scenario.state = checkpoint;
        scenario.rollout.onUpdate(scenario.state, BOARD, update, NOW);
        scenario.ack("device-1", 1, AckOutcome.APPLIED);

        RolloutEvent event = onlyEvent(scenario.measure(1, 7e6, 60));
        assertEquals(RolloutDecision.COMPLETE, event.getDecision());
        assertEquals(update.getRolloutId(), event.getRolloutId());
    }

    @Test
    void whatDevicesStartedWithIsStillBroughtBack() throws IOException {
        scenario.smallClass();
        PlanPolicy eager = new PlanPolicy(DelegationMode.THRESHOLDS, 1, 100_000L, 1e6);
        scenario.fit(new Incumbent(0, eager, Map.of(REGION, 1.0)));
        scenario.ack("device-1", 1, AckOutcome.APPLIED);

        scenario.state = savedAndRestored(scenario.state);

        assertEquals(100_000, onlyUpdate(scenario.measure(1, 13e6, 100)).getMinMacs());
    }

    @Test
    void aStateOfVersionOneTakesEpochZeroAsDescribedByNobody() throws IOException {
        scenario.state = new RolloutStateCodec().read(new DataInputStream(new ByteArrayInputStream(versionOne())));

        assertEquals(Policy.assumed(), scenario.state.inForce);
    }

    // Highest epoch 4, the paper's constants in force under epoch 0, nothing under way, nothing known.
    private static byte[] versionOne() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeLong(4);
        out.writeLong(0);
        out.writeByte(1);
        out.writeInt(3);
        out.writeLong(1_000_000_000L);
        out.writeDouble(0.1);
        out.writeBoolean(false);
        out.writeBoolean(false);
        out.writeUTF("");
        out.writeInt(0);
        out.writeInt(0);
        out.writeInt(0);
        out.writeInt(0);
        return bytes.toByteArray();
    }

    @Test
    void withoutSavedStateThePublishedThresholdsAreTakenAsSettled() {
        ThresholdUpdate own = scenario.proposeToAll();
        scenario.state = new RolloutState();

        scenario.rollout.onUpdate(scenario.state, BOARD, own, NOW);

        assertTrue(!scenario.state.measuring());
        assertEquals(1, scenario.state.inForce.epoch());
    }

    @Test
    void refutedRulesAreRemembered() throws IOException {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);
        scenario.measure(1, 13e6, 100);

        scenario.state = savedAndRestored(scenario.state);

        assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.fit()).getDecision());
    }
}
