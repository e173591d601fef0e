package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import org.junit.jupiter.api.Test;

class EpochsToComeTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final ClassKey PHONE = new ClassKey("phone", false);

    private long nanos;
    private final EpochsToCome epochs = new EpochsToCome(() -> nanos);

    @Test
    void anEpochWhoseUpdateHasComeIsNotAwaited() {
        assertFalse(epochs.awaits(BOARD, 4, 5));
        assertFalse(epochs.awaits(BOARD, 5, 5));
    }

    @Test
    void whatDevicesHeardOfFirstIsAwaitedForAWhile() {
        assertTrue(epochs.awaits(BOARD, 6, 5));
        nanos += EpochsToCome.PATIENCE.toNanos() - 1;
        assertTrue(epochs.awaits(BOARD, 6, 5));
        nanos++;
        assertFalse(epochs.awaits(BOARD, 6, 5));
    }

    @Test
    void aHigherOneIsAwaitedAnew() {
        epochs.awaits(BOARD, 6, 5);
        nanos += EpochsToCome.PATIENCE.toNanos();

        assertTrue(epochs.awaits(BOARD, 7, 5));
    }

    @Test
    void eachClassHasItsOwn() {
        epochs.awaits(BOARD, 6, 5);
        nanos += EpochsToCome.PATIENCE.toNanos();

        assertFalse(epochs.awaits(BOARD, 6, 5));
        assertTrue(epochs.awaits(PHONE, 6, 5));
    }
}
