package io.parallaxfleet.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.BodyBranchRun;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.Fallback;
import io.parallaxfleet.engine.Placement;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.Updates;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TelemetryMapperTest {
    private static final DeviceState COOL =
            new DeviceState(ThermalState.NOMINAL, OptionalInt.of(80), Optional.of(false), 4L << 30);

    private final TelemetryMapper mapper = new TelemetryMapper(Updates.DEVICE, "session-1");
    private final EnginePlan plan = Plans.plan("model-a", Plans.EAGER, 4);
    private final EngineRun run = Plans.run(plan, 10);

    private static RunContext context(DeviceState state, OptionalDouble foreign, OptionalLong energy) {
        return new RunContext(17, Instant.ofEpochMilli(1_000_000), 4, true, 0.05, false, 250, 2, state, foreign, true,
                RunValidity.valid(), "rapl", new EnergyMeter.Reading(energy, 0));
    }

    private InferenceTelemetry mapped(OptionalLong energy) {
        return mapper.map(run, context(COOL, OptionalDouble.of(0.02), energy));
    }

    @Test
    void everyBranchColumnHasOneEntryForEachStep() {
        InferenceTelemetry record = mapped(OptionalLong.of(900));
        int steps = plan.steps().size();

        assertTrue(steps > 1, "a plan with several steps is needed");
        assertEquals(steps, record.getBranchLatencyNanos().size());
        assertEquals(steps, record.getBranchArenaPeakBytes().size());
        assertEquals(steps, record.getBranchEnergyMicrojoules().size());
        assertEquals(steps, record.getBranchPlanned().remaining());
        assertEquals(steps, record.getBranchActual().remaining());
        assertEquals(steps, record.getBranchFallback().remaining());
        assertEquals(steps, record.getBranchCoRunning().remaining());
    }

    @Test
    void branchesOfSubGraphsHaveColumnsOfTheirOwn() {
        EngineRun looped = new EngineRun(plan, run.outputs(), run.latencyNanos(), run.branches(),
                List.of(new BodyBranchRun(7, 700), new BodyBranchRun(0, 0)), run.arenaPeakBytes(), run.memoryBudgetBytes(), 10);

        InferenceTelemetry record = mapper.map(looped, context(COOL, OptionalDouble.empty(), OptionalLong.empty()));

        assertEquals(List.of(7L, 0L), record.getBodyBranchRuns());
        assertEquals(List.of(700L, 0L), record.getBodyBranchLatencyNanos());
        assertEquals(plan.steps().size(), record.getBranchLatencyNanos().size());
    }

    @Test
    void placementsCarryTheSchemasCodes() {
        InferenceTelemetry record = mapped(OptionalLong.empty());

        IntStream.range(0, plan.steps().size()).forEach(i ->
                assertEquals(plan.steps().get(i).placement() == Placement.CPU ? 1 : 2, record.getBranchPlanned().get(i)));
    }

    @Test
    void theRecordSurvivesTheWire() throws IOException {
        InferenceTelemetry record = mapped(OptionalLong.of(900));

        assertEquals(record, InferenceTelemetry.fromByteBuffer(record.toByteBuffer()));
    }

    @Test
    void unavailableEnergyIsNullAndNotZero() {
        InferenceTelemetry record = mapped(OptionalLong.empty());

        assertNull(record.getEnergyMicrojoules());
        assertNull(record.getBranchEnergyMicrojoules());
    }

    @Test
    void energyIsSharedOutByBranchTime() {
        InferenceTelemetry record = mapped(OptionalLong.of(run.latencyNanos()));

        assertEquals(record.getBranchLatencyNanos(), record.getBranchEnergyMicrojoules());
    }

    @Test
    void anUnknownForeignShareIsMinusOne() {
        assertEquals(-1, mapper.map(run, context(COOL, OptionalDouble.empty(), OptionalLong.empty())).getForeignCpuShare());
    }

    @Test
    void aFailedInferenceKeepsItsColumnsInStepWithThePlan() {
        InferenceTelemetry record = mapper.failed(plan, context(COOL, OptionalDouble.empty(), OptionalLong.empty()));

        assertEquals(plan.steps().size(), record.getBranchLatencyNanos().size());
        assertEquals(plan.steps().size(), record.getBranchActual().remaining());
    }

    @Test
    void aProbabilityOfZeroIsRefusedForWhatRan() {
        assertThrows(IllegalArgumentException.class, () -> new RunContext(0, Instant.EPOCH, 0, false, 0, false, -1, 2, COOL,
                OptionalDouble.empty(), true, RunValidity.valid(), "none", EnergyMeter.Reading.unavailable()));
    }

    @Nested
    class Profiles {
        private final PlanProfile profile = PlanProfiles.of(Updates.DEVICE, plan, false, "1.0");

        @Test
        void branchesStandInStepOrder() {
            assertEquals(plan.steps().stream().map(step -> step.name()).toList(),
                    profile.getBranches().stream().map(BranchProfile::getName).toList());
        }

        @Test
        void telemetryNamesThePlanByTheProfilesId() {
            assertEquals(profile.getPlanId(), mapped(OptionalLong.empty()).getPlanId());
        }

        @Test
        void aDelegatedBranchPointsToItsRegion() {
            BranchProfile delegated = profile.getBranches().stream().filter(branch -> branch.getRegion() != null).findFirst().orElseThrow();
            RegionProfile region = profile.getRegions().get(delegated.getRegion());

            assertTrue(region.getDelegated());
            assertEquals(region.getMacs(), delegated.getMacs());
            assertEquals(region.getBoundaryBytes(), delegated.getBoundaryBytes());
        }

        @Test
        void anOwnPlanSaysTheRuleItWasMadeBy() {
            PlanProfile never = PlanProfiles.of(Updates.DEVICE, Plans.plan("model-a", new DelegationPolicy.Never(), 5), false, "1.0");
            PlanProfile eager = PlanProfiles.of(Updates.DEVICE,
                    Plans.plan("model-a", new DelegationPolicy.Thresholds(1, 100_000, 1e6), 0), false, "1.0");

            assertEquals(DelegationMode.NEVER, never.getPolicy().getMode());
            assertEquals(new PlanPolicy(DelegationMode.THRESHOLDS, 1, 100_000L, 1e6), eager.getPolicy());
        }

        @Test
        void anExploredPlanSaysNone() {
            assertNull(PlanProfiles.of(Updates.DEVICE, plan, true, "1.0").getPolicy());
        }

        @Test
        void prunedRegionsAreThereWithTheirReason() {
            PlanProfile never = PlanProfiles.of(Updates.DEVICE, Plans.plan("model-a", new DelegationPolicy.Never(), 5), true, "1.0");

            assertFalse(never.getRegions().isEmpty());
            assertTrue(never.getRegions().stream().noneMatch(RegionProfile::getDelegated));
            assertTrue(never.getRegions().stream().allMatch(region -> !region.getReason().isBlank()));
            assertTrue(never.getExplored());
        }

        @Test
        void equalPlansOfTwoClassesHaveDifferentIds() {
            DeviceIdentity simulated = new DeviceIdentity("s", "sim-phone", true);

            assertNotEquals(PlanProfiles.planId(Updates.DEVICE, plan), PlanProfiles.planId(simulated, plan));
        }
    }

    @Nested
    class Judged {
        private RunValidity of(EngineRun judged, DeviceState state, double foreign, boolean replanning) {
            return RunValidity.of(judged, state, OptionalDouble.of(foreign), replanning);
        }

        @Test
        void aQuietRunIsValid() {
            assertEquals(RunValidity.valid(), of(run, COOL, 0.1, false));
        }

        @Test
        void aFallbackIsNamedWithItsStep() {
            RunValidity validity = of(Plans.withFallback(run, 1, Fallback.KERNEL_FAILURE), COOL, 0, false);

            assertEquals(Validity.FALLBACK, validity.validity());
            assertTrue(validity.reason().orElseThrow().contains(plan.steps().get(1).name()));
        }

        @Test
        void aHotDeviceIsThrottled() {
            DeviceState hot = new DeviceState(ThermalState.SERIOUS, OptionalInt.empty(), Optional.empty(), 1);

            assertEquals(Validity.THROTTLED, of(run, hot, 0, false).validity());
        }

        @Test
        void arenasAboveTheBudgetArePressed() {
            EngineRun pressed = new EngineRun(plan, run.outputs(), run.latencyNanos(), run.branches(), 100, 99, 10);

            assertEquals(Validity.MEMORY_PRESSED, of(pressed, COOL, 0, false).validity());
        }

        @Test
        void othersAndOurOwnReplanningDisturb() {
            assertEquals(Validity.DISTURBED, of(run, COOL, 0.6, false).validity());
            assertEquals(Validity.DISTURBED, of(run, COOL, 0, true).validity());
        }
    }
}
