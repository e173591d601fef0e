package io.parallaxfleet.operators.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.CostSide;
import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.exploration.ExplorationBounds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplorationAdvisorTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final Drift SLOWER = new Drift(CostSide.ACCELERATOR, 1.25);
    private static final Duration FIT_INTERVAL = Duration.ofSeconds(15);
    private static final Instant THEN = Instant.ofEpochMilli(1_760_000_000_000L);

    private final ExplorationAdvisor advisor = new ExplorationAdvisor(FIT_INTERVAL, "job");

    @Test
    void withoutDriftNothingIsAsked() {
        assertEquals(Optional.empty(), advisor.advise(fit(BOARD, null), THEN));
    }

    @Test
    void afterDriftAClassIsAskedToExploreMoreAndToldWhy() {
        ExplorationAdvice advice = advisor.advise(fit(BOARD, SLOWER), THEN).orElseThrow();

        assertEquals("board", advice.getDeviceClass());
        assertEquals(ExplorationDemand.SHARE_FACTOR_AFTER_DRIFT, advice.getShareFactor());
        assertEquals("job", advice.getIssuedBy());
        assertTrue(advice.getReason().contains("accelerator runs take 1.25 times"), advice.getReason());
    }

    @Test
    void itIsAskedForAsLongAsIntervalsAreWide() {
        ExplorationAdvice advice = advisor.advise(fit(BOARD, SLOWER), THEN).orElseThrow();

        assertEquals(THEN, advice.getIssuedAt());
        assertEquals(THEN.plus(FIT_INTERVAL.multipliedBy(Drift.WIDE_FITS)), advice.getExpiresAt());
    }

    @Test
    void itIsNeverAskedForLongerThanDevicesAccept() {
        ExplorationAdvice advice = new ExplorationAdvisor(Duration.ofHours(24), "job").advise(fit(BOARD, SLOWER), THEN).orElseThrow();

        assertEquals(THEN.plus(ExplorationBounds.LONGEST), advice.getExpiresAt());
    }

    @Test
    void anotherAlarmRenewsIt() {
        Instant later = THEN.plusSeconds(3600);

        ExplorationAdvice renewed = advisor.advise(fit(BOARD, SLOWER), later).orElseThrow();

        assertTrue(renewed.getExpiresAt().isAfter(advisor.advise(fit(BOARD, SLOWER), THEN).orElseThrow().getExpiresAt()));
    }

    @Test
    void simulatedClassesAreAskedAsSuch() {
        ExplorationAdvice advice = advisor.advise(fit(new ClassKey("sim-phone", true), SLOWER), THEN).orElseThrow();

        assertTrue(advice.getSimulated());
    }

    @Test
    void aDemandBeyondWhatDevicesAcceptCannotBeMade() {
        Instant until = THEN.plusSeconds(60);

        assertThrows(IllegalArgumentException.class,
                () -> new ExplorationDemand.More(SLOWER, ExplorationBounds.MAX_SHARE_FACTOR + 1, THEN, until));
        assertThrows(IllegalArgumentException.class, () -> new ExplorationDemand.More(SLOWER, Double.NaN, THEN, until));
        assertThrows(IllegalArgumentException.class, () -> new ExplorationDemand.More(SLOWER, 2, THEN, THEN));
        assertThrows(IllegalArgumentException.class,
                () -> new ExplorationDemand.More(SLOWER, 2, THEN, THEN.plus(ExplorationBounds.LONGEST).plusMillis(1)));
    }

    private static ClassFit fit(ClassKey key, Drift drift) {
        return new ClassFit(key, null, "waiting", "CPU_SAMPLES", List.of(), null, null, null, drift);
    }
}
