package io.parallaxfleet.operators.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IngestTest {
    private static final long WINDOW = 10_000;
    private static final long START = 1_760_000_000_000L;

    private final Map<String, PlanProfile> plans = new HashMap<>(Map.of("plan", Plans.ofTwoBranches("plan")));
    private final Recorded out = new Recorded();
    private final Ingest ingest = new Ingest(WINDOW, SampleSelection.defaults(), plans::get, out);
    private final Session session = new Session();
    private long sequence;

    @Nested
    class SumsUp {
        @Test
        void theInferenceAndEachBranchUnderItsNameInThePlan() {
            add(t -> { }, 1);
            add(t -> { }, 2);
            ingest.drain();

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
            add(t -> t.setWarmup(true), 1);
            ingest.drain();

            assertEquals(1, out.whole().getColdCount());
            assertEquals(0, out.whole().getCount());
            assertEquals(1, out.branch("L0.B0").getColdCount());
            assertEquals(1, out.branch("L1.B0").getActualAcceleratorCount());
        }

        @Test
        void aThrottledInferenceAndItsBranchesAsInvalid() {
            add(t -> t.setValidity(Validity.THROTTLED), 1);
            ingest.drain();

            assertEquals(1, out.whole().getInvalidCount());
            assertEquals(1, out.branch("L0.B0").getInvalidCount());
        }

        @Test
        void onlyTheBranchThatFellBackAsSuchButTheWholeToo() {
            add(t -> {
                t.setBranchActual(Telemetry.bytes(1, 1));
                t.setBranchFallback(Telemetry.bytes(0, 2));
                t.setValidity(Validity.FALLBACK);
            }, 1);
            ingest.drain();

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
            add(t -> { }, 1);
            add(t -> t.setExplored(true), 2);
            ingest.drain();

            assertEquals(2, out.sums.keySet().stream().filter(AggregateKey::whole).count());
        }

        @Test
        void anInferenceThatFailedWithoutBranchesAsAWhole() {
            add(t -> {
                t.setValidity(Validity.FAILED);
                t.setBranchLatencyNanos(List.of());
                t.setBranchArenaPeakBytes(List.of());
                t.setBranchEnergyMicrojoules(null);
                t.setBranchPlanned(Telemetry.bytes());
                t.setBranchActual(Telemetry.bytes());
                t.setBranchFallback(Telemetry.bytes());
                t.setBranchCoRunning(Telemetry.bytes());
            }, 1);
            ingest.drain();

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
        add(t -> {
            t.setEnergyMicrojoules(microjoules);
            t.setEnergySource(source);
        }, offsetMillis);
    }

    @Nested
    class HandsOn {
        @Test
        void aWindowAtItsEndAndNotBefore() {
            add(t -> { }, 1);
            ingest.advance(START + WINDOW - 2);
            assertTrue(out.sums.isEmpty());

            ingest.advance(START + WINDOW - 1);

            assertEquals(1, out.whole().getCount());
            assertEquals(START + WINDOW - 1, out.eventTimes.get(0));
        }

        @Test
        void everythingBeforeACheckpointAndNothingTwice() {
            add(t -> { }, 1);
            ingest.drain();
            add(t -> { }, 2);
            ingest.drain();
            ingest.drain();

            assertEquals(2, out.whole().getCount());
            assertEquals(2, out.branch("L0.B0").getCount());
        }

        @Test
        void everythingWhenItHoldsTooMuch() {
            PlanProfile plan = Plans.ofTwoBranches("plan");
            for (int i = 0; i < Ingest.MAX_SUMS / 3 + 1; i++) {
                String id = "plan-" + i;
                plans.put(id, plan);
                add(t -> t.setPlanId(id), 1);
            }

            assertEquals(Ingest.MAX_SUMS / 3 + 1, out.whole().getCount());
        }
    }

    @Nested
    class LeavesOut {
        @Test
        void aRecordThatCameBefore() {
            add(t -> { }, 1);
            sequence--;
            add(t -> { }, 1);
            ingest.drain();

            assertEquals(1, out.whole().getCount());
            assertEquals(1, out.leftOut(Ingest.LeftOut.DUPLICATE));
        }

        @Test
        void aRecordWhoseWindowIsClosed() {
            ingest.advance(START + WINDOW);
            add(t -> { }, 1);
            ingest.drain();

            assertTrue(out.sums.isEmpty());
            assertEquals(1, out.leftOut(Ingest.LeftOut.LATE));
        }

        @Test
        void branchesThatTheirPlanDoesNotHave() {
            plans.put("plan", Plans.ofTwoBranches("plan"));
            plans.get("plan").setBranches(plans.get("plan").getBranches().subList(0, 1));
            add(t -> { }, 1);
            ingest.drain();

            assertEquals(1, out.whole().getCount());
            assertEquals(1, out.sums.size());
            assertEquals(1, out.leftOut(Ingest.LeftOut.PLAN_MISMATCH));
        }
    }

    @Nested
    class LearnsFromWhatIsLate {
        @Test
        void whatItTookAndWhatItsDeviceDidButInNoWindow() {
            ingest.advance(START + 10 * WINDOW);
            add(t -> { }, 1);
            ingest.drain();

            assertTrue(out.sums.isEmpty());
            assertEquals(1, out.leftOut(Ingest.LeftOut.LATE));
            assertEquals(1, out.inferences.size());
            assertEquals(1, out.costs.stream().mapToInt(batch -> batch.observations().size()).sum());
        }

        @Test
        void onceThoughItsSpoolIsSentTwice() {
            ingest.advance(START + 10 * WINDOW);
            add(t -> t.setSequence(7), 1);
            add(t -> t.setSequence(7), 1);
            ingest.drain();

            assertEquals(1, out.inferences.size());
            assertEquals(1, out.leftOut(Ingest.LeftOut.DUPLICATE));
        }

        @Test
        void noMoreOfAClassInAWindowsTimeThanOfAWindow() {
            ingest.advance(START + 10 * WINDOW);
            for (int i = 0; i < 3 * ClassCosts.MAX_OBSERVED; i++) {
                add(t -> { }, 1);
            }
            ingest.advance(START + 10 * WINDOW + 6000);
            assertEquals(ClassCosts.MAX_OBSERVED, out.costs.stream().mapToInt(batch -> batch.observations().size()).sum());
            assertEquals(2 * ClassCosts.MAX_OBSERVED, out.costs.stream().mapToLong(CostBatch::unobserved).sum());

            ingest.advance(START + 11 * WINDOW);
            add(t -> { }, 1);
            ingest.drain();
            assertEquals(ClassCosts.MAX_OBSERVED + 1, out.costs.stream().mapToInt(batch -> batch.observations().size()).sum());
        }
    }

    @Nested
    class CountsWhatIsMissing {
        @Test
        void whenASessionSkipsNumbersAndUntilTheyCome() {
            add(t -> t.setSequence(0), 1);
            add(t -> t.setSequence(4), 1);
            assertEquals(3, out.missing);

            add(t -> t.setSequence(2), 1);

            assertEquals(2, out.missing);
        }

        @Test
        void alsoWhenTheRecordAfterTheGapIsLate() {
            add(t -> t.setSequence(0), 1);
            ingest.advance(START + WINDOW);
            add(t -> t.setSequence(2), 1);

            assertEquals(1, out.missing);
        }
    }

    @Nested
    class WaitsForAPlan {
        @Test
        void andCountsTheBranchesWithTheSessionsNextRecordAfterItCame() {
            PlanProfile plan = plans.remove("plan");
            add(t -> { }, 1);
            ingest.drain();
            assertEquals(1, out.sums.size());
            plans.put("plan", plan);

            add(t -> { }, WINDOW + 1);
            ingest.drain();

            assertEquals(2, out.whole().getCount());
            assertEquals(2, out.branch("L0.B0").getCount());
            assertTrue(session.waiting.isEmpty());
        }

        @Test
        void butNotForMoreThanSomeRecords() {
            plans.remove("plan");
            for (int i = 0; i < Session.MAX_WAITING + 3; i++) {
                add(t -> { }, 1);
            }

            assertEquals(Session.MAX_WAITING, session.waiting.size());
            assertEquals(3, out.leftOut(Ingest.LeftOut.PLAN_MISSING));
        }
    }

    @Nested
    class TellsTheFit {
        @Test
        void ofEveryInferenceWhereFewCome() {
            add(t -> { }, 1);
            add(t -> { }, 2);
            ingest.advance(START + WINDOW);

            assertEquals(2, out.costs.get(0).observations().size());
            assertEquals(0, out.costs.get(0).unobserved());
        }

        @Test
        void ofSomeAndTheNumberOfTheRestWhereManyComeAndOfExploredOnesStill() {
            for (int i = 0; i < ClassCosts.MAX_OBSERVED + 50; i++) {
                add(t -> { }, 1);
            }
            add(t -> t.setExplored(true), 2);
            ingest.drain();

            assertEquals(ClassCosts.MAX_OBSERVED + 1, out.costs.get(0).observations().size());
            assertEquals(50, out.costs.get(0).unobserved());
        }

        @Test
        void aboutAWindowWithinItsLimitHoweverOftenItIsDrained() {
            for (int i = 0; i < 2 * ClassCosts.MAX_OBSERVED; i++) {
                add(t -> { }, 1);
                ingest.drain();
            }

            assertEquals(ClassCosts.MAX_OBSERVED, out.costs.stream().mapToInt(batch -> batch.observations().size()).sum());
        }
    }

    private void add(Consumer<InferenceTelemetry> change, long offsetMillis) {
        InferenceTelemetry telemetry = Telemetry.good();
        telemetry.setSequence(sequence++);
        change.accept(telemetry);
        ingest.add(RawInference.of(telemetry), START + offsetMillis, session);
    }

    /** Merges sums as the windows do. */
    private static final class Recorded implements Ingest.Output {
        final Map<AggregateKey, Accumulator> sums = new HashMap<>();
        final List<Long> eventTimes = new ArrayList<>();
        final List<CostBatch> costs = new ArrayList<>();
        final List<DeviceInference> inferences = new ArrayList<>();
        long missing;
        final Map<Ingest.LeftOut, Integer> leftOut = new EnumMap<>(Ingest.LeftOut.class);

        @Override
        public void aggregate(KeyedAccumulator sum, long eventTimeMillis) {
            sums.computeIfAbsent(sum.key(), key -> new Accumulator()).merge(sum.accumulator());
            eventTimes.add(eventTimeMillis);
        }

        @Override
        public void costs(CostBatch batch, long eventTimeMillis) {
            costs.add(batch);
        }

        @Override
        public void inference(DeviceInference inference, long eventTimeMillis) {
            inferences.add(inference);
        }

        @Override
        public void leftOut(Ingest.LeftOut why, RawInference record, int branches) {
            leftOut.merge(why, 1, Integer::sum);
        }

        @Override
        public void gap(RawInference record, long more) {
            missing += more;
        }

        int leftOut(Ingest.LeftOut why) {
            return leftOut.getOrDefault(why, 0);
        }

        ClassAggregate whole() {
            return result(null);
        }

        ClassAggregate branch(String name) {
            return result(name);
        }

        private ClassAggregate result(String branch) {
            Map.Entry<AggregateKey, Accumulator> only = sums.entrySet().stream()
                    .filter(sum -> Objects.equals(sum.getKey().branch(), branch)).reduce((a, b) -> {
                        throw new AssertionError("two sums for " + branch);
                    }).orElseThrow();
            return only.getValue().result(only.getKey(), START, START + WINDOW, false);
        }
    }
}
