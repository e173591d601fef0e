package io.parallaxfleet.operators.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import io.parallaxfleet.operators.search.ThresholdSearch;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ClassRolloutTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ISSUER = "the-job";
    private static final RegionShape REGION = new RegionShape(5, 2_000_000_000L, 1_000_000L);

    private final ClassRollout rollout = new ClassRollout(new ThresholdSearch(0.03), BeforeAfter.defaults(), ISSUER);
    private RolloutState state = new RolloutState();

    @Nested
    class WhenNothingIsUnderWay {
        @Test
        void aFitThatIsMissingDataIsReportedOnceForEachReason() {
            assertEquals(RolloutDecision.HOLD, onlyEvent(rollout.onFit(state, missing("DISTINCT_REGIONS"), NOW)).getDecision());
            assertEquals(List.of(), rollout.onFit(state, missing("DISTINCT_REGIONS"), NOW));
            assertEquals(1, rollout.onFit(state, missing("CONDITION"), NOW).size());
        }

        @Test
        void nothingIsProposedBeforeTheEpochInForceIsKnown() {
            assertEquals(RolloutDecision.HOLD, onlyEvent(rollout.onFit(state, slowAccelerator(), NOW)).getDecision());
        }

        @Test
        void betterThresholdsArePublishedUnderTheNextEpoch() {
            measure(0, 10e6, 100);

            ThresholdUpdate update = onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW));

            assertEquals(1, update.getEpoch());
            assertEquals(0, update.getPreviousEpoch());
            assertEquals(DelegationMode.NEVER, update.getMode());
            assertEquals(RolloutStage.FULL, update.getStage());
            assertEquals(1000, update.getMembershipPerMille());
            assertEquals(ISSUER, update.getIssuedBy());
        }

        @Test
        void theProposalIsAnEventWithTheSameIdAndEpoch() {
            measure(0, 10e6, 100);
            List<Emission> emissions = rollout.onFit(state, slowAccelerator(), NOW);

            RolloutEvent event = onlyEvent(emissions);
            assertEquals(RolloutDecision.PROPOSE, event.getDecision());
            assertEquals(onlyUpdate(emissions).getRolloutId(), event.getRolloutId());
            assertEquals(1, event.getEpoch());
        }

        @Test
        void anEpochSeenInAnAcknowledgementIsNeverGivenOut() {
            measure(0, 10e6, 100);
            rollout.onAck(state, ack("device-1", 41, AckOutcome.APPLIED));

            assertEquals(42, onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW)).getEpoch());
        }

        @Test
        void anEpochSeenInTelemetryIsNeverGivenOut() {
            measure(0, 10e6, 100);
            measure(17, 10e6, 100);

            assertEquals(18, onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW)).getEpoch());
        }
    }

    @Nested
    class WhenNoUpdateDescribesWhatDevicesRun {
        private static final PlanPolicy EAGER = new PlanPolicy(DelegationMode.THRESHOLDS, 1, 100_000L, 1e6);

        @Test
        void aRuleThatDecidesAsTheirPlansDoIsNotProposed() {
            measure(0, 10e6, 100);
            PlanPolicy never = new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0);

            RolloutEvent event = onlyEvent(rollout.onFit(state, slowAccelerator(new Incumbent(0, never, Map.of(REGION, 0.0))), NOW));

            assertTrue(event.getReason().contains("as the one in force, never delegate"), event.getReason());
        }

        @Test
        void whereOnlySomeDelegateARuleForAllIsProposed() {
            measure(0, 10e6, 100);

            ThresholdUpdate update = onlyUpdate(rollout.onFit(state, slowAccelerator(new Incumbent(0, EAGER, Map.of(REGION, 0.3))), NOW));

            assertEquals(DelegationMode.NEVER, update.getMode());
            assertTrue(update.getReason().contains("instead of N >= 1, F >= 1.00e+05"), update.getReason());
        }

        @Test
        void aRollbackBringsBackTheThresholdsTheyStartedWith() {
            measure(0, 10e6, 100);
            rollout.onFit(state, slowAccelerator(new Incumbent(0, EAGER, Map.of(REGION, 1.0))), NOW);
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));

            ThresholdUpdate update = onlyUpdate(measure(1, 13e6, 100));

            assertEquals(1, update.getMinOperators());
            assertEquals(100_000, update.getMinMacs());
        }

        @Test
        void anEpochOfAnEarlierFleetIsTakenAsTheOneInForce() {
            rollout.onFit(state, slowAccelerator(new Incumbent(17, EAGER, Map.of(REGION, 1.0))), NOW);
            measure(17, 10e6, 100);

            ThresholdUpdate update = onlyUpdate(rollout.onFit(state, slowAccelerator(new Incumbent(17, EAGER, Map.of(REGION, 1.0))), NOW));

            assertEquals(17, update.getPreviousEpoch());
            assertEquals(18, update.getEpoch());
        }

        @Test
        void aPublishedRuleIsNotOverruledByPlansFromBefore() {
            rollout.onUpdate(state, BOARD, handSet(8, false), NOW);

            rollout.onFit(state, slowAccelerator(new Incumbent(0, EAGER, Map.of(REGION, 1.0))), NOW);

            assertEquals(8, state.inForce.epoch());
        }
    }

    @Nested
    class WhenANewEpochIsOut {
        @Test
        void nothingIsDecidedBeforeADeviceAcknowledges() {
            propose();

            List<Emission> emissions = measure(1, 7e6, 100);

            assertEquals(RolloutDecision.HOLD, onlyEvent(emissions).getDecision());
        }

        @Test
        void nothingIsDecidedWithoutSamplesUnderIt() {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));

            assertEquals(RolloutDecision.HOLD, onlyEvent(measure(1, 7e6, 10)).getDecision());
        }

        @Test
        void fasterIsCompletedWithBothMediansAndTheirSamples() {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));
            rollout.onAck(state, ack("device-2", 1, AckOutcome.APPLIED));

            RolloutEvent event = onlyEvent(measure(1, 7e6, 60));

            assertEquals(RolloutDecision.COMPLETE, event.getDecision());
            assertEquals(10e6, event.getBeforeP50Nanos(), 0.5e6);
            assertEquals(7e6, event.getAfterP50Nanos(), 0.5e6);
            assertEquals(100, event.getBeforeSamples());
            assertEquals(60, event.getAfterSamples());
            assertEquals(2, event.getDevicesAcknowledged());
        }

        @Test
        void slowerIsTakenBackUnderAHigherEpochWithTheOldThresholds() {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));

            List<Emission> emissions = measure(1, 13e6, 100);

            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(emissions).getDecision());
            assertEquals(2, update.getEpoch());
            assertEquals(1, update.getPreviousEpoch());
            assertEquals(DelegationMode.THRESHOLDS, update.getMode());
            assertEquals(1_000_000_000L, update.getMinMacs());
            assertEquals(RolloutStage.ROLLED_BACK, update.getStage());
        }

        @Test
        void whatWasTakenBackIsNotProposedAgain() {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));
            measure(1, 13e6, 100);

            assertEquals(RolloutDecision.HOLD, onlyEvent(rollout.onFit(state, slowAccelerator(), NOW)).getDecision());
        }

        @Test
        void noSecondProposalIsMadeUntilItIsDecided() {
            propose();

            assertEquals(List.of(), rollout.onFit(state, slowAccelerator(), NOW));
        }

        @Test
        void theOwnUpdateReadBackChangesNothing() {
            ThresholdUpdate update = propose();

            assertEquals(List.of(), rollout.onUpdate(state, BOARD, update, NOW));
            assertTrue(state.measuring());
        }

        @Test
        void devicesThatRefuseItAreNoAcknowledgement() {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.REFUSED));

            assertTrue(onlyEvent(measure(1, 7e6, 100)).getReason().contains("refused"));
        }
    }

    @Nested
    class WhenSomebodyElsePublishes {
        @Test
        void theirThresholdsAreInForceAndTheNextEpochIsAboveTheirs() {
            rollout.onUpdate(state, BOARD, handSet(8, false), NOW);
            measure(8, 10e6, 100);

            ThresholdUpdate update = onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW));

            assertEquals(9, update.getEpoch());
            assertEquals(8, update.getPreviousEpoch());
        }

        @Test
        void aKillSwitchStopsProposalsUntilALaterUpdateLetsGo() {
            rollout.onUpdate(state, BOARD, handSet(8, true), NOW);
            measure(8, 10e6, 100);
            assertEquals(List.of(), rollout.onFit(state, slowAccelerator(), NOW));

            rollout.onUpdate(state, BOARD, handSet(9, false), NOW);
            measure(9, 10e6, 100);
            assertEquals(10, onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW)).getEpoch());
        }

        @Test
        void thresholdsOutOfRangeAreReportedAndTheirEpochIsTaken() {
            ThresholdUpdate broken = handSet(8, false);
            broken.setMinOperators(-4);

            RolloutEvent event = onlyEvent(rollout.onUpdate(state, BOARD, broken, NOW));

            assertTrue(event.getReason().contains("minOperators is -4"), event.getReason());
            measure(0, 10e6, 100);
            assertEquals(9, onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW)).getEpoch());
        }
    }

    @Nested
    class WhenTheJobWasRestarted {
        @Test
        void aSavedRolloutIsCompletedByTheRestoredJob() throws IOException {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));
            measure(1, 7e6, 20);

            state = savedAndRestored(state);

            assertEquals(RolloutDecision.COMPLETE, onlyEvent(measure(1, 7e6, 40)).getDecision());
        }

        @Test
        void aProposalPublishedAfterTheLastCheckpointIsTakenUpFromTheTopic() throws IOException {
            measure(0, 10e6, 100);
            RolloutState checkpoint = savedAndRestored(state);
            ThresholdUpdate update = onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW));

            state = checkpoint;
            rollout.onUpdate(state, BOARD, update, NOW);
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));

            RolloutEvent event = onlyEvent(measure(1, 7e6, 60));
            assertEquals(RolloutDecision.COMPLETE, event.getDecision());
            assertEquals(update.getRolloutId(), event.getRolloutId());
        }

        @Test
        void whatDevicesStartedWithIsStillBroughtBack() throws IOException {
            measure(0, 10e6, 100);
            PlanPolicy eager = new PlanPolicy(DelegationMode.THRESHOLDS, 1, 100_000L, 1e6);
            rollout.onFit(state, slowAccelerator(new Incumbent(0, eager, Map.of(REGION, 1.0))), NOW);
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));

            state = savedAndRestored(state);

            assertEquals(100_000, onlyUpdate(measure(1, 13e6, 100)).getMinMacs());
        }

        @Test
        void aStateOfVersionOneTakesEpochZeroAsDescribedByNobody() throws IOException {
            state = new RolloutStateCodec().read(new DataInputStream(new ByteArrayInputStream(versionOne())));

            assertEquals(Policy.assumed(), state.inForce);
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
            ThresholdUpdate own = propose();
            state = new RolloutState();

            rollout.onUpdate(state, BOARD, own, NOW);

            assertTrue(!state.measuring());
            assertEquals(1, state.inForce.epoch());
        }

        @Test
        void refutedRulesAreRemembered() throws IOException {
            propose();
            rollout.onAck(state, ack("device-1", 1, AckOutcome.APPLIED));
            measure(1, 13e6, 100);

            state = savedAndRestored(state);

            assertEquals(RolloutDecision.HOLD, onlyEvent(rollout.onFit(state, slowAccelerator(), NOW)).getDecision());
        }
    }

    private ThresholdUpdate propose() {
        measure(0, 10e6, 100);
        return onlyUpdate(rollout.onFit(state, slowAccelerator(), NOW));
    }

    private List<Emission> measure(long epoch, double medianNanos, int count) {
        return rollout.onWindow(state, new LatencyWindow(BOARD, "model", epoch,
                BeforeAfterTest.sketch(medianNanos, count, epoch).toBytes(), NOW.toEpochMilli()), NOW);
    }

    private static ThresholdUpdate onlyUpdate(List<Emission> emissions) {
        List<ThresholdUpdate> updates = emissions.stream()
                .filter(Emission.Thresholds.class::isInstance)
                .map(e -> ((Emission.Thresholds) e).update())
                .toList();
        assertEquals(1, updates.size(), emissions::toString);
        return updates.get(0);
    }

    private static RolloutEvent onlyEvent(List<Emission> emissions) {
        List<RolloutEvent> events = emissions.stream()
                .filter(Emission.Event.class::isInstance)
                .map(e -> ((Emission.Event) e).event())
                .toList();
        assertEquals(1, events.size(), emissions::toString);
        return events.get(0);
    }

    private static RolloutState savedAndRestored(RolloutState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new RolloutStateCodec().write(state, new DataOutputStream(bytes));
        return new RolloutStateCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private static ClassFit missing(String gate) {
        return new ClassFit(BOARD, null, "waiting", gate, List.of(), null);
    }

    private static ClassFit slowAccelerator() {
        return slowAccelerator(null);
    }

    private static ClassFit slowAccelerator(Incumbent incumbent) {
        CostModelEstimate estimate = CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(exactly(1e-11))
                .setDispatchSeconds(exactly(1e-4))
                .setAcceleratorSecondsPerMac(exactly(5e-11))
                .setSecondsPerByte(exactly(1e-10))
                .setCpuSamples(100)
                .setAcceleratorSamples(100)
                .setDistinctRegions(12)
                .setMedianRelativeError(0.05)
                .build();
        return new ClassFit(BOARD, estimate, null, null,
                List.of(WorkloadRegion.unmeasured(new RunModel("hash input:1x3", "model"), REGION, 1)), incumbent);
    }

    private static Interval exactly(double value) {
        return new Interval(value, value, value);
    }

    private static ThresholdAck ack(String device, long epoch, AckOutcome outcome) {
        return ThresholdAck.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setEpoch(epoch)
                .setRolloutId("any")
                .setOutcome(outcome)
                .setPlans(List.of())
                .setTimestamp(NOW)
                .build();
    }

    private static ThresholdUpdate handSet(long epoch, boolean killSwitch) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(2)
                .setMinMacs(1000)
                .setMaxBytesPerMac(1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("by-hand")
                .setStage(RolloutStage.FULL)
                .setMembershipPerMille(1000)
                .setKillSwitch(killSwitch)
                .setIssuedAt(NOW)
                .setIssuedBy("somebody")
                .setReason("by hand")
                .build();
    }
}
