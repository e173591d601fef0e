package io.parallaxfleet.quickstart.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FleetStateTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final FleetState state = new FleetState(simulated -> DelegationPolicy.paper());

    @Nested
    class BeforeAnythingIsPublished {
        @Test
        void a_class_runs_by_the_policy_it_started_with() {
            state.aggregate(window("x86", "m", 0, 0, 10, 5e6));
            ClassStory story = state.stories().get(0);
            assertEquals(DelegationPolicy.paper(), story.policyBefore());
            assertEquals(Optional.empty(), story.policyAfter());
            assertEquals(Direction.UNDECIDED, story.direction());
            assertTrue(story.overallRatio().isEmpty());
        }

        @Test
        void a_device_counts_once_however_often_it_announces_itself() {
            state.device(device("x86", "d1"));
            state.device(device("x86", "d1"));
            state.device(device("x86", "d2"));
            assertEquals(2, state.stories().get(0).devices());
        }
    }

    @Nested
    class AfterNewThresholds {
        @Test
        void each_model_is_compared_with_itself_under_the_first_epoch() {
            state.thresholds(update("x86", 1, DelegationMode.NEVER));
            state.aggregate(window("x86", "slow", 0, 0, 10, 20e6));
            state.aggregate(window("x86", "slow", 1, 1, 10, 10e6));
            state.aggregate(window("x86", "even", 0, 0, 10, 8e6));
            state.aggregate(window("x86", "even", 1, 1, 10, 8e6));
            ClassStory story = state.stories().get(0);
            assertEquals(List.of("even", "slow"), story.models().stream().map(ModelStory::model).toList());
            assertEquals(1.0, story.models().get(0).ratio().getAsDouble(), 1e-12);
            assertEquals(0.5, story.models().get(1).ratio().getAsDouble(), 1e-12);
            assertEquals(Math.sqrt(0.5), story.overallRatio().getAsDouble(), 1e-12);
        }

        @Test
        void a_model_whose_plan_stayed_counts_only_into_the_mean_over_all_models() {
            state.thresholds(update("x86", 1, DelegationMode.NEVER));
            state.aggregate(window("x86", "m", 0, 0, 10, 20e6));
            state.aggregate(window("x86", "m", 1, 1, 10, 10e6));
            state.aggregate(window("x86", "stays", 0, 0, 10, 8e6));
            state.aggregate(window("x86", "stays", 1, 1, 10, 8e6));
            state.ack(ack("d1", 1, new Replan("m", "a", "b", 1, 0, 1L), new Replan("stays", "c", "c", 0, 0, 1L)));
            ClassStory story = state.stories().get(0);
            assertEquals(List.of(false, true), story.models().stream().map(ModelStory::samePlan).toList());
            assertEquals(0.5, story.overallRatio().getAsDouble(), 1e-12);
            assertEquals(0.5 / story.controlRatio().getAsDouble(), story.adjustedRatio().getAsDouble(), 1e-12);
            assertEquals(Math.sqrt(0.5), story.allModelsRatio().getAsDouble(), 1e-12);
        }

        @Test
        void a_plan_that_one_device_changed_is_not_the_same() {
            state.aggregate(window("x86", "m", 0, 0, 10, 20e6));
            state.ack(ack("d1", 1, new Replan("m", "a", "a", 1, 1, 1L)));
            state.ack(ack("d2", 1, new Replan("m", "a", "b", 1, 0, 1L)));
            assertFalse(state.stories().get(0).models().get(0).samePlan());
        }

        @Test
        void a_plan_that_came_back_in_a_later_epoch_is_the_same() {
            state.aggregate(window("x86", "m", 0, 0, 10, 20e6));
            state.ack(ack("d1", 1, new Replan("m", "a", "b", 1, 0, 1L)));
            state.ack(ack("d1", 2, new Replan("m", "b", "a", 0, 1, 1L)));
            assertTrue(state.stories().get(0).models().get(0).samePlan());
        }

        @Test
        void the_newest_epoch_with_samples_is_the_after() {
            state.aggregate(window("x86", "m", 0, 0, 10, 20e6));
            state.aggregate(window("x86", "m", 1, 1, 10, 15e6));
            state.aggregate(window("x86", "m", 2, 2, 10, 5e6));
            assertEquals(0.25, state.stories().get(0).overallRatio().getAsDouble(), 1e-12);
        }

        @Test
        void the_direction_is_that_of_the_regions_the_devices_really_moved() {
            state.thresholds(update("x86", 1, DelegationMode.THRESHOLDS));
            state.thresholds(update("x86", 2, DelegationMode.THRESHOLDS));
            state.ack(ack("x86", "d1", 1, AckOutcome.APPLIED, 4, 2));
            state.ack(ack("x86", "d1", 2, AckOutcome.APPLIED, 2, 1));
            ClassStory story = state.stories().get(0);
            assertEquals(Direction.LESS, story.direction());
            assertEquals(1, story.applied());
        }

        @Test
        void more_regions_than_before_is_delegating_more() {
            state.thresholds(update("x86", 1, DelegationMode.THRESHOLDS));
            state.ack(ack("x86", "d1", 1, AckOutcome.APPLIED, 0, 3));
            assertEquals(Direction.MORE, state.stories().get(0).direction());
        }

        @Test
        void without_an_acknowledgement_the_bounds_decide() {
            state.thresholds(update("x86", 1, DelegationMode.NEVER));
            assertEquals(Direction.LESS, state.stories().get(0).direction());
        }

        @Test
        void refusals_of_the_newest_epoch_are_counted_apart() {
            state.thresholds(update("x86", 1, DelegationMode.NEVER));
            state.ack(ack("x86", "d1", 1, AckOutcome.REFUSED, 0, 0));
            state.ack(ack("x86", "d2", 1, AckOutcome.APPLIED, 1, 0));
            ClassStory story = state.stories().get(0);
            assertEquals(1, story.applied());
            assertEquals(1, story.refused());
        }

        @Test
        void an_update_no_device_can_apply_changes_nothing() {
            state.aggregate(window("x86", "m", 0, 0, 10, 5e6));
            state.thresholds(update("x86", 1, DelegationMode.UNKNOWN));
            ThresholdUpdate outOfRange = update("x86", 2, DelegationMode.THRESHOLDS);
            outOfRange.setMinOperators(0);
            state.thresholds(outOfRange);
            assertEquals(Optional.empty(), state.stories().get(0).policyAfter());
        }
    }

    @Nested
    class Windows {
        @Test
        void a_window_that_is_published_again_replaces_the_first() {
            state.aggregate(window("x86", "m", 0, 0, 10, 5e6));
            state.aggregate(window("x86", "m", 0, 0, 12, 5e6));
            assertEquals(12, state.stories().get(0).samples());
        }

        @Test
        void branches_and_empty_windows_are_no_inferences() {
            ClassAggregate branch = window("x86", "m", 0, 0, 10, 5e6);
            branch.setBranch("L0.B0");
            state.aggregate(branch);
            state.aggregate(window("x86", "m", 0, 1, 0, 0));
            assertFalse(state.stories().stream().anyMatch(story -> story.samples() > 0));
        }

        @Test
        void exploration_is_counted_but_not_compared() {
            ClassAggregate explored = window("x86", "m", 0, 0, 7, 50e6);
            explored.setExplored(true);
            state.aggregate(explored);
            state.aggregate(window("x86", "m", 0, 0, 10, 5e6));
            ClassStory story = state.stories().get(0);
            assertEquals(10, story.samples());
            assertEquals(7, story.exploredSamples());
            assertEquals(5e6, story.models().get(0).before().orElseThrow().p50Nanos());
        }

        @Test
        void one_disturbed_window_does_not_move_the_median() {
            for (int i = 0; i < 9; i++) {
                state.aggregate(window("x86", "m", 0, i, 10, 5e6));
            }
            state.aggregate(window("x86", "m", 0, 9, 10, 500e6));
            assertEquals(5e6, state.stories().get(0).models().get(0).before().orElseThrow().p50Nanos());
        }

        @Test
        void an_unavailable_energy_stays_absent_and_is_never_zero() {
            state.aggregate(window("x86", "m", 0, 0, 10, 5e6));
            assertTrue(state.stories().get(0).models().get(0).before().orElseThrow().energyMicrojoules().isEmpty());
        }
    }

    @Test
    void simulated_and_measured_classes_are_labelled() {
        state.device(device("x86", "d1"));
        DeviceProfile modelled = device("sim-phone", "s1");
        modelled.setSimulated(true);
        state.device(modelled);
        assertEquals(List.of("SIMULATED", "MEASURED"), state.stories().stream().map(ClassStory::label).toList());
    }

    private static DeviceProfile device(String deviceClass, String id) {
        return DeviceProfile.newBuilder().setDeviceId(id).setDeviceClass(deviceClass).setParentFamily("f").setSimulated(false)
                .setSoc("s").setArchitecture("x86_64").setLogicalCores(2).setPerformanceCores(2).setMemoryBytes(1L)
                .setOperatingSystem("Linux").setEngineVersion("0").setRuntimeVersion("0").setSessionId("s").setStartedAt(START)
                .build();
    }

    private static ClassAggregate window(String deviceClass, String model, long epoch, int index, long count, double p50Nanos) {
        return ClassAggregate.newBuilder().setDeviceClass(deviceClass).setSimulated(false).setModel(model).setPolicyEpoch(epoch)
                .setExplored(false).setWindowStart(START.plusSeconds(5L * index)).setWindowEnd(START.plusSeconds(5L * index + 5))
                .setCount(count).setColdCount(0).setInvalidCount(0).setFallbackCount(0).setDevices(1).setLatencyP50Nanos(p50Nanos)
                .setLatencyP90Nanos(p50Nanos).setLatencyP99Nanos(p50Nanos).setLatencyMeanNanos(p50Nanos).setArenaPeakBytesMax(1)
                .setEnergySource("none").build();
    }

    private static ThresholdUpdate update(String deviceClass, long epoch, DelegationMode mode) {
        return ThresholdUpdate.newBuilder().setDeviceClass(deviceClass).setSimulated(false).setEpoch(epoch).setPreviousEpoch(epoch - 1)
                .setMode(mode).setMinOperators(3).setMinMacs(1).setMaxBytesPerMac(1).setObjective(Objective.LATENCY)
                .setRolloutId("r" + epoch).setStage(RolloutStage.FULL).setMembershipPerMille(1000).setKillSwitch(false)
                .setIssuedAt(START).setIssuedBy("test").setReason("test").build();
    }

    private static ThresholdAck ack(String deviceClass, String device, long epoch, AckOutcome outcome, int before, int after) {
        Replan replan = new Replan("m", "a", "b", before, after, 1L);
        return new ThresholdAck(device, deviceClass, false, epoch, "r" + epoch, outcome, null, List.of(replan), START);
    }

    private static ThresholdAck ack(String device, long epoch, Replan... plans) {
        return new ThresholdAck(device, "x86", false, epoch, "r" + epoch, AckOutcome.APPLIED, null, List.of(plans), START);
    }
}
