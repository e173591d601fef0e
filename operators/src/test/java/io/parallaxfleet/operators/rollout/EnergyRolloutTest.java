package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.assertNoUpdate;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.EnergyFit;
import io.parallaxfleet.operators.rollout.staged.Looks;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** New thresholds of a job that minimises energy. */
class EnergyRolloutTest {
    private final RolloutScenario scenario =
            new RolloutScenario(RolloutOptions.defaults().withObjective(Objective.ENERGY, 0.25));
    private final SplittableRandom random = new SplittableRandom(5);

    @Nested
    class InStages {
        @Test
        void lessEnergyGoesFurtherThoughItIsSlowerWithinTheGuard() {
            firstStage();

            List<Emission> emissions = look(-0.1, Math.log(1.1));

            assertEquals(50, onlyUpdate(emissions).getMembershipPerMille());
            assertEquals(Objective.ENERGY, onlyUpdate(emissions).getObjective());
            RolloutEvent event = onlyEvent(emissions);
            assertEquals(RolloutDecision.PROMOTE, event.getDecision());
            assertEquals(-0.1, event.getMeasurement().getMeanChange(), 0.02);
            assertEquals(Math.log(1.1), event.getMeasurement().getGuardChange(), 0.02);
            assertTrue(event.getReason().contains("energy's mean changed by -"), event::getReason);
            assertTrue(event.getReason().contains("latency, which guards, changed by +"), event::getReason);
        }

        @Test
        void aLatencyBeyondTheGuardTakesThresholdsBackWhateverTheySave() {
            firstStage();

            RolloutEvent event = onlyEvent(look(-0.3, Math.log(1.5)));

            assertEquals(RolloutDecision.ROLLBACK, event.getDecision());
            assertEquals(Math.log(1.5), event.getMeasurement().getGuardChange(), 0.02);
        }

        @Test
        void energyThatIsUnavailableIsNeverAPromotion() {
            firstStage();

            List<Emission> emissions = scenario.look(Looks.unmetered(30), Looks.unmetered(200));

            assertNoUpdate(emissions);
            assertEquals(RolloutDecision.HOLD, onlyEvent(emissions).getDecision());
            assertTrue(onlyEvent(emissions).getReason().contains("energy is unavailable"), onlyEvent(emissions)::getReason);
        }

        @Test
        void noStageStartsWithoutAPastInEnergy() {
            scenario.count(2000, 0);

            RolloutEvent event = onlyEvent(fit());

            assertEquals(RolloutDecision.HOLD, event.getDecision());
            assertTrue(event.getReason().contains("0 of 2000 devices have a past with their energy"), event::getReason);
        }

        private void firstStage() {
            scenario.count(2000, 2000);
            fit();
            fit();
            fit();
        }

        private List<Emission> look(double energy, double latency) {
            return scenario.look(Looks.guarded(Looks.group(30, 0.02, energy, energy, random), 0.02, latency, random),
                    Looks.guarded(Looks.group(200, 0.02, 0, 0, random), 0.02, 0, random));
        }
    }

    @Nested
    class AllAtOnceWithoutAControl {
        @Test
        void slowerWithinTheGuardWaitsForAPerson() {
            propose();

            RolloutEvent event = onlyEvent(scenario.measure(1, 11.5e6, 100));

            assertEquals(RolloutDecision.HOLD, event.getDecision());
            assertTrue(event.getReason().contains("the objective is ENERGY"), event::getReason);
        }

        @Test
        void slowerBeyondTheGuardIsTakenBack() {
            propose();

            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(scenario.measure(1, 16e6, 100)).getDecision());
        }

        private void propose() {
            scenario.smallClass();
            fit();
            scenario.ack("device-1", 1, AckOutcome.APPLIED);
        }
    }

    // The accelerator is worth as little in energy as in time.
    private List<Emission> fit() {
        ClassFit latency = RolloutScenario.slowAccelerator(null);
        return scenario.rollout.onFit(scenario.state, new ClassFit(BOARD, latency.estimate(), null, null, latency.workload(), null,
                new EnergyFit("rapl", latency.estimate(), latency.workload()), null, null), NOW);
    }
}
