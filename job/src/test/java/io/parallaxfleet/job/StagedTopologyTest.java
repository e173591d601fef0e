package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.rollout.RolloutOptions;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Rollouts in stages through the whole topology, judged by latency. The devices' accelerator never wins. */
class StagedTopologyTest {
    /** What new thresholds really do to the devices that apply them. */
    private enum Truth implements StagedJob.Truth {
        FASTER, SLOWER, SILENT;

        @Override
        public Optional<Intake> record(int device, long index, long epoch, boolean applied) {
            if (this == SILENT && applied) {
                return Optional.empty();
            }
            return Optional.of(SyntheticFleet.record(device, 0, index, System.currentTimeMillis(), epoch, !applied || this == SLOWER,
                    applied && this == SLOWER ? 1.1 : 1, new SplittableRandom(index)));
        }

        @Override
        public boolean delegatesStill() {
            return this == SLOWER;
        }
    }

    private final StagedJob job = new StagedJob();

    @Test
    void aGoodChangeGoesFromShadowToAllDevices() throws Exception {
        run(Truth.FASTER, Duration.ofHours(1), event -> event.getDecision() == RolloutDecision.COMPLETE);

        assertEquals(List.of(0, 50, 250, 1000), job.steps().stream().map(RolloutEvent::getMembershipPerMille).toList(), job::story);
        assertEquals(List.of(50, 250, 1000), job.published());
        assertEquals(List.of(1L, 2L, 3L), job.thresholds.collected().stream().map(ThresholdUpdate::getEpoch).toList());
        assertEquals(1, job.steps().stream().map(RolloutEvent::getRolloutId).distinct().count(), job::story);
        assertEquals(DelegationMode.NEVER, job.thresholds.collected().get(2).getMode());
        assertTrue(job.steps().get(3).getMeasurement().getMeanChange() < -0.3, job::story);
    }

    @Test
    void aBadChangeIsTakenBackFromTheFirstDevicesThatGotIt() throws Exception {
        run(Truth.SLOWER, Duration.ofHours(1), event -> event.getDecision() == RolloutDecision.ROLLBACK);

        assertEquals(List.of(50, 1000), job.published(), job::story);
        ThresholdUpdate restored = job.thresholds.collected().get(1);
        assertEquals(2, restored.getEpoch());
        assertFalse(ThresholdKeys.isCandidate(restored));
        assertEquals(DelegationMode.THRESHOLDS, restored.getMode());
    }

    @Test
    void devicesThatFallSilentAreHeldAndAPersonIsAsked() throws Exception {
        run(Truth.SILENT, Duration.ofSeconds(10), event -> event.getReason().contains("a person is needed")
                && event.getMembershipPerMille() == 50);

        assertEquals(List.of(50), job.published(), job::story);
        assertTrue(job.events.collected().stream().anyMatch(event -> event.getDecision() == RolloutDecision.HOLD
                && event.getReason().contains("members report")), job::story);
    }

    private void run(Truth truth, Duration patience, Predicate<RolloutEvent> end) throws Exception {
        job.run(truth, RolloutOptions.defaults().withTimes(Duration.ofSeconds(1), patience), end);
    }
}
