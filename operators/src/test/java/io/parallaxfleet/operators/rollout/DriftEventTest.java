package io.parallaxfleet.operators.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.CostSide;
import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriftEventTest {
    private static final ClassKey BOARD = new ClassKey("board", false);

    private final ClassRollout rollout = new ClassRollout(RolloutOptions.defaults(), "job");

    @Test
    void driftIsSaidAndPublishesNoThresholds() {
        List<Emission> emissions = rollout.onDrift(new RolloutState(), fit(new Drift(CostSide.ACCELERATOR, 1.25)), Instant.EPOCH);

        assertEquals(1, emissions.size());
        RolloutEvent event = assertInstanceOf(Emission.Event.class, emissions.get(0)).event();
        assertEquals(RolloutDecision.HOLD, event.getDecision());
        assertTrue(event.getReason().contains("accelerator runs take 1.25 times"), event.getReason());
    }

    @Test
    void withoutDriftThereIsNothingToSay() {
        assertTrue(rollout.onDrift(new RolloutState(), fit(null), Instant.EPOCH).isEmpty());
    }

    private static ClassFit fit(Drift drift) {
        return new ClassFit(BOARD, null, "waiting", "CPU_SAMPLES", List.of(), null, null, null, drift);
    }
}
