package io.parallaxfleet.operators.rollout.whole;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.rollout.whole.EpochWindows.Cell;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Synthetic truth: what thresholds do to latency and to energy is known, and the machine becomes 20 % slower meanwhile. */
class ObjectiveJudgeTest {
    private static final String METER = "rapl";
    private static final double BETTER = Math.log(0.8);
    private static final double WORSE = Math.log(1.1);
    private static final double MUCH_WORSE = Math.log(1.6);

    private final SplittableRandom random = new SplittableRandom(3);

    @Test
    void energyIsWhatIsJudgedWhereItIsTheObjective() {
        assertInstanceOf(ControlledVerdict.Promote.class, verdict(Objective.ENERGY, WORSE, BETTER, METER));
        assertInstanceOf(ControlledVerdict.Rollback.class, verdict(Objective.ENERGY, BETTER, WORSE, METER));
    }

    @Test
    void latencyGuardsAnEnergyObjectiveBeyondItsBound() {
        ControlledVerdict.Rollback rollback =
                assertInstanceOf(ControlledVerdict.Rollback.class, verdict(Objective.ENERGY, MUCH_WORSE, BETTER, METER));
        assertTrue(rollback.why().startsWith("latency is surely worse by more than +25.0 %"), rollback.why());
    }

    @Test
    void energyGuardsALatencyObjectiveBeyondItsBoundAndIsReportedWithin() {
        ControlledVerdict.Rollback rollback =
                assertInstanceOf(ControlledVerdict.Rollback.class, verdict(Objective.LATENCY, BETTER, MUCH_WORSE, METER));
        assertTrue(rollback.why().startsWith("energy is surely worse by more than +25.0 %"), rollback.why());

        ControlledVerdict.Promote promote =
                assertInstanceOf(ControlledVerdict.Promote.class, verdict(Objective.LATENCY, BETTER, WORSE, METER));
        assertTrue(promote.energy().describe().startsWith("energy by rapl: detector, embedder changed by +"), promote.energy()::describe);
    }

    @Test
    void bothCountWhereTheObjectiveIsBalanced() {
        assertInstanceOf(ControlledVerdict.Promote.class, verdict(Objective.BALANCED, WORSE, 2 * BETTER, METER));
        assertInstanceOf(ControlledVerdict.Rollback.class, verdict(Objective.BALANCED, WORSE, WORSE, METER));
    }

    @Test
    void unavailableEnergyIsNotTakenForNone() {
        ControlledVerdict.Promote promote =
                assertInstanceOf(ControlledVerdict.Promote.class, verdict(Objective.LATENCY, BETTER, BETTER, null));
        assertTrue(promote.energy().describe().startsWith("energy unavailable"), promote.energy()::describe);

        ControlledVerdict.Hold hold = assertInstanceOf(ControlledVerdict.Hold.class, verdict(Objective.ENERGY, BETTER, BETTER, null));
        assertTrue(hold.why().contains("the objective is ENERGY"), hold.why());
    }

    @Test
    void joulesOfAnotherMeterAreOtherJoules() {
        assertInstanceOf(ControlledVerdict.Hold.class, verdict(Objective.ENERGY, BETTER, BETTER, "cpu-time-model"));
    }

    /** @param meterSince what the energy since is metered by; null: unavailable */
    private ControlledVerdict verdict(Objective objective, double latency, double energy, String meterSince) {
        Machine machine = new Machine(3, 0, random.split());
        PlanChanges plans = new PlanChanges();
        plans.add(machine.acknowledgement("device-1"));
        ControlledJudge.Epoch before = epoch(machine, 0, 0, 0, METER);
        ControlledJudge.Epoch after = epoch(machine, Math.log(1.2), latency, energy, meterSince);
        return ControlledJudge.of(30, 0.8, 0.05, objective, 0.25).judge(before, after, plans);
    }

    private ControlledJudge.Epoch epoch(Machine machine, double drift, double latency, double energy, String meter) {
        ControlledJudge.Epoch epoch = new ControlledJudge.Epoch(new EpochWindows(), new EnergyWindows());
        for (int i = 0; i < 60; i++) {
            machine.window(epoch.latencies(), drift, latency);
        }
        if (meter != null) {
            for (Map.Entry<Long, Map<String, Cell>> window : epoch.latencies().windows().entrySet()) {
                window.getValue().forEach((model, cell) -> epoch.energies().add(window.getKey(), model, meter, cell.samples(),
                        Math.exp(Math.log(5e4) + drift + (Machine.CHANGED.contains(model) ? energy : 0) + 0.05 * random.nextGaussian())));
            }
        }
        return epoch;
    }
}
