package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FleetFreezeTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final FleetFreeze freeze = new FleetFreeze();

    @Test
    void classesThatRegressTogetherFreezeAll() {
        rollback("a", NOON);
        assertEquals(Optional.empty(), rollback("b", NOON.plusSeconds(60)));

        assertEquals(Optional.of(new TreeSet<>(Set.of("a", "b", "c"))), rollback("c", NOON.plusSeconds(120)));
    }

    @Test
    void oneClassThatIsTakenBackAgainAndAgainDoesNot() {
        for (int i = 0; i < 10; i++) {
            assertEquals(Optional.empty(), rollback("a", NOON.plusSeconds(i)));
        }
    }

    @Test
    void regressionsFarApartDoNot() {
        rollback("a", NOON);
        rollback("b", NOON.plus(Duration.ofHours(5)));
        assertEquals(Optional.empty(), rollback("c", NOON.plus(Duration.ofHours(10))));
    }

    @Test
    void theNextFreezeTakesAsManyAgain() {
        rollback("a", NOON);
        rollback("b", NOON);
        rollback("c", NOON);
        assertEquals(Optional.empty(), rollback("d", NOON));
    }

    @Test
    void oneClassAloneCannotFreezeAll() {
        assertThrows(IllegalArgumentException.class, () -> freeze.onRollback("a", NOON, 1, Duration.ofHours(6)));
    }

    private Optional<SortedSet<String>> rollback(String deviceClass, Instant at) {
        return freeze.onRollback(deviceClass, at, 3, Duration.ofHours(6));
    }
}
