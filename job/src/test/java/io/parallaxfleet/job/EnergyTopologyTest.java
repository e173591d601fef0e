package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.rollout.RolloutOptions;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The whole topology of a job that minimises energy. The devices' accelerator takes a tenth less time than their CPU and twice its power,
 * so that a job that minimised latency would keep delegating, and this one stops it.
 */
class EnergyTopologyTest {
    private static final double CPU_SECONDS_PER_MAC = 1e-10;
    private static final double ACCELERATOR_SECONDS_PER_MAC = 0.9e-10;
    private static final double CPU_WATTS = 2;
    private static final double ACCELERATOR_WATTS = 4;
    private static final byte ACCELERATOR = 2;
    private static final double GUARD = 0.25;

    private final StagedJob job = new StagedJob();

    @Test
    void aClassStopsDelegatingWhereThatCostsLessEnergyThoughItIsABitSlower() throws Exception {
        run(new Truth(1, 1), RolloutDecision.COMPLETE);

        List<ThresholdUpdate> updates = job.thresholds.collected();
        assertEquals(List.of(50, 250, 1000), job.published(), job::story);
        updates.forEach(update -> assertEquals(Objective.ENERGY, update.getObjective()));
        assertEquals(DelegationMode.NEVER, updates.get(2).getMode());
        RolloutEvent completed = job.steps().get(job.steps().size() - 1);
        assertTrue(completed.getMeasurement().getMeanChange() < -0.4, job::story);
        double slower = completed.getMeasurement().getGuardChange();
        assertTrue(slower > 0 && slower < Math.log1p(GUARD), job::story);
    }

    @Test
    void thresholdsThatReallyTakeMoreEnergyAreTakenBackThoughTheyAreFaster() throws Exception {
        run(new Truth(1.1, 0.9), RolloutDecision.ROLLBACK);

        assertEquals(List.of(50, 1000), job.published(), job::story);
        assertEquals(DelegationMode.THRESHOLDS, job.thresholds.collected().get(1).getMode());
        assertTrue(job.steps().get(job.steps().size() - 1).getReason().contains("more energy"), job::story);
    }

    private void run(Truth truth, RolloutDecision end) throws Exception {
        job.run(truth, RolloutOptions.defaults().withObjective(Objective.ENERGY, GUARD), event -> event.getDecision() == end);
    }

    /**
     * What the devices' runs take.
     *
     * @param energy factor on what those take that apply new thresholds; where it is not 1 they delegate as before
     * @param time the same of their time
     */
    private record Truth(double energy, double time) implements StagedJob.Truth {
        private static final long serialVersionUID = 1L;
        private static final PlanProfile PLAN = new SyntheticFleet(0, 0).plans(0, true).get(0);

        @Override
        public Optional<Intake> record(int device, long index, long epoch, boolean applied) {
            SplittableRandom random = new SplittableRandom(index);
            Intake record = SyntheticFleet.record(device, 0, index, System.currentTimeMillis(), epoch, !applied || delegatesStill(), 1, random);
            InferenceTelemetry telemetry = record.inference().toTelemetry();
            List<Long> nanos = new ArrayList<>();
            List<Long> microjoules = new ArrayList<>();
            for (int branch = 0; branch < PLAN.getBranches().size(); branch++) {
                boolean accelerated = telemetry.getBranchActual().get(branch) == ACCELERATOR;
                double seconds = PLAN.getBranches().get(branch).getMacs() * (accelerated ? ACCELERATOR_SECONDS_PER_MAC : CPU_SECONDS_PER_MAC)
                        * (0.9 + 0.2 * random.nextDouble()) * (applied ? time : 1);
                double joules = seconds / (applied ? time : 1) * (applied ? energy : 1) * (accelerated ? ACCELERATOR_WATTS : CPU_WATTS);
                nanos.add(Math.round(seconds * 1e9));
                microjoules.add(Math.round(joules * 1e6));
            }
            telemetry.setBranchLatencyNanos(nanos);
            telemetry.setBranchEnergyMicrojoules(microjoules);
            telemetry.setLatencyNanos(nanos.stream().mapToLong(Long::longValue).sum());
            telemetry.setEnergyMicrojoules(microjoules.stream().mapToLong(Long::longValue).sum());
            return Optional.of(new Intake(RawInference.of(telemetry), null, record.eventTimeMillis()));
        }

        @Override
        public boolean delegatesStill() {
            return energy != 1;
        }
    }
}
