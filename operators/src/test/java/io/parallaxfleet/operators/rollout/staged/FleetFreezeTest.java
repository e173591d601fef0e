package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FleetFreezeTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final FleetFreeze freeze = new FleetFreeze(3, Duration.ofHours(6));

    @Test
    void classesThatRegressTogetherFreezeAll() {
        freeze.onRollback("a", NOON);
        freeze.onRollback("b", NOON.plusSeconds(60));
        assertFalse(freeze.frozen());

        freeze.onRollback("c", NOON.plusSeconds(120));
        assertTrue(freeze.frozen());
    }

    @Test
    void oneClassThatIsTakenBackAgainAndAgainDoesNot() {
        for (int i = 0; i < 10; i++) {
            freeze.onRollback("a", NOON.plusSeconds(i));
        }
        assertFalse(freeze.frozen());
    }

    @Test
    void regressionsFarApartDoNot() {
        freeze.onRollback("a", NOON);
        freeze.onRollback("b", NOON.plus(Duration.ofHours(5)));
        freeze.onRollback("c", NOON.plus(Duration.ofHours(10)));
        assertFalse(freeze.frozen());
    }

    @Test
    void onlyAPersonLetsGo() {
        freeze.onRollback("a", NOON);
        freeze.onRollback("b", NOON);
        freeze.onRollback("c", NOON);
        freeze.onRollback("a", NOON.plus(Duration.ofDays(9)));
        assertTrue(freeze.frozen());

        freeze.release();
        assertFalse(freeze.frozen());
    }
}
