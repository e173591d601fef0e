package io.parallaxfleet.operators.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IngestTest {
    private static final long WINDOW = IngestScenario.WINDOW;
    private static final long START = IngestScenario.START;

    private final IngestScenario out = new IngestScenario();

    @Nested
    class SumsUp {
        @Test
        void theInferenceAndEachBranchUnderItsNameInThePlan() {
            out.add(t -> { }, 1);
            out.add(t -> { }, 2);
            out.ingest.drain();

            assertEquals(2, out.whole().getCount());
            assertEquals(3_000_000, out.whole().getLatencyP50Nanos(), 30_000);
            assertEquals(0.5, out.whole().getMemoryOverhead(), 1e-9);
            assertEquals(2, out.branch("L0.B0").getCount());
            ClassAggregate second = out.branch("L1.B0");
            assertEquals("ACCELERATOR", second.getPlacement());
            assertEquals(2_000_000, second.getLatencyMeanNanos(), 1e-6);
            assertEquals(40, second.getEnergyMicrojoulesMean(), 1e-9);
            assertEquals(1000, second.getArenaPeakBytesMax());
            assertEquals(2, second.getPlannedAcceleratorCount());
            assertEquals(2, second.getActualAcceleratorCount());
            assertEquals(0, out.branch("L0.B0").getPlannedAcceleratorCount());
        }

        @Test
        void aColdInferenceAndItsBranchesAsCold() {
            out.add(t -> t.setWarmup(true), 1);
            out.ingest.drain();

            assertEquals(1, out.whole().getColdCount());
            assertEquals(0, out.whole().getCount());
            assertEquals(1, out.branch("L0.B0").getColdCount());
            assertEquals(1, out.branch("L1.B0").getActualAcceleratorCount());
        }

        @Test
        void aThrottledInferenceAndItsBranchesAsInvalid() {
            out.add(t -> t.setValidity(Validity.THROTTLED), 1);
            out.ingest.drain();

            assertEquals(1, out.whole().getInvalidCount());
            assertEquals(1, out.branch("L0.B0").getInvalidCount());
        }

        @Test
        void onlyTheBranchThatFellBackAsSuchButTheWholeToo() {
            out.add(t -> {
                t.setBranchActual(Telemetry.bytes(1, 1));
                t.setBranchFallback(Telemetry.bytes(0, 2));
                t.setValidity(Validity.FALLBACK);
            }, 1);
            out.ingest.drain();

            assertEquals(1, out.whole().getFallbackCount());
            assertEquals(Map.of("KERNEL_FAILURE", 1L), out.whole().getFallbackReasons());
            assertEquals(1, out.whole().getPlannedAcceleratorCount());
            assertEquals(0, out.whole().getActualAcceleratorCount());
            assertEquals(1, out.branch("L0.B0").getCount());
            assertEquals(1, out.branch("L1.B0").getFallbackCount());
            assertEquals(Map.of("KERNEL_FAILURE", 1L), out.branch("L1.B0").getFallbackReasons());
            assertEquals(1, out.branch("L1.B0").getPlannedAcceleratorCount());
            assertEquals(0, out.branch("L1.B0").getActualAcceleratorCount());
        }

        @Test
        void exploredInferencesApart() {
            out.add(t -> { }, 1);
            out.add(t -> t.setExplored(true), 2);
            out.ingest.drain();

            assertEquals(2, out.sums.keySet().stream().filter(AggregateKey::whole).count());
        }

        @Test
        void anInferenceThatFailedWithoutBranchesAsAWhole() {
            out.add(t -> {
                t.setValidity(Validity.FAILED);
                t.setBranchLatencyNanos(List.of());
                t.setBranchArenaPeakBytes(List.of());
                t.setBranchEnergyMicrojoules(null);
                t.setBranchPlanned(Telemetry.bytes());
                t.setBranchActual(Telemetry.bytes());
                t.setBranchFallback(Telemetry.bytes());
                t.setBranchCoRunning(Telemetry.bytes());
            }, 1);
            out.ingest.drain();

            assertEquals(1, out.whole().getInvalidCount());
            assertEquals(DeviceInference.Outcome.FAILED, out.inferences.get(0).outcome());
        }
    }

    @Test
    void theLedgersHearOfEnergyAndOfNoneWhereItIsUnavailable() {
        metered(40L, "rapl", 1);
        metered(null, "none", 2);
        // A meter that does not move between two readings has not measured.
        metered(0L, "rapl", 3);

        assertEquals(Arrays.asList(new DeviceInference.Energy("rapl", 40), null, null),
                out.inferences.stream().map(DeviceInference::energy).toList());
    }

    private void metered(Long microjoules, String source, long offsetMillis) {
        out.add(t -> {
            t.setEnergyMicrojoules(microjoules);
            t.setEnergySource(source);
        }, offsetMillis);
    }

    @Nested
    class HandsOn {
        @Test
        void aWindowAtItsEndAndNotBefore() {
            out.add(t -> { }, 1);
            out.ingest.advance(START + WINDOW - 2);
            assertTrue(out.sums.isEmpty());

            out.ingest.advance(START + WINDOW - 1);

            assertEquals(1, out.whole().getCount());
            assertEquals(START + WINDOW - 1, out.eventTimes.get(0));
        }

        @Test
        void everythingBeforeACheckpointAndNothingTwice() {
            out.add(t -> { }, 1);
            out.ingest.drain();
            out.add(t -> { }, 2);
            out.ingest.drain();
            out.ingest.drain();

            assertEquals(2, out.whole().getCount());
            assertEquals(2, out.branch("L0.B0").getCount());
        }

        @Test
        void everythingWhenItHoldsTooMuch() {
            PlanProfile plan = Plans.ofTwoBranches("plan");
            for (int i = 0; i < Ingest.MAX_SUMS / 3 + 1; i++) {
                String id = "plan-" + i;
                out.plans.put(id, plan);
                out.add(t -> t.setPlanId(id), 1);
            }

            assertEquals(Ingest.MAX_SUMS / 3 + 1, out.whole().getCount());
        }
    }

    @Nested
    class WaitsForAPlan {
        @Test
        void andCountsTheBranchesWithTheSessionsNextRecordAfterItCame() {
            PlanProfile plan = out.plans.remove("plan");
            out.add(t -> { }, 1);
            out.ingest.drain();
            assertEquals(1, out.sums.size());
            out.plans.put("plan", plan);

            out.add(t -> { }, WINDOW + 1);
            out.ingest.drain();

            assertEquals(2, out.whole().getCount());
            assertEquals(2, out.branch("L0.B0").getCount());
            assertTrue(out.session.waiting.isEmpty());
        }

        @Test
        void butNotForMoreThanSomeRecords() {
            out.plans.remove("plan");
            for (int i = 0; i < Session.MAX_WAITING + 3; i++) {
                out.add(t -> { }, 1);
            }

            assertEquals(Session.MAX_WAITING, out.session.waiting.size());
            assertEquals(3, out.leftOut(Ingest.LeftOut.PLAN_MISSING));
        }
    }
}
