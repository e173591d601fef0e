package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    @Test
    void theMarginIsLeftAlone() {
        assertEquals(600, new MemoryBudget(1000, 0.4).budgetBytes());
    }

    @Test
    void aSystemThatSaysNothingGivesAnUnlimitedBudget() {
        assertEquals(Long.MAX_VALUE, new MemoryBudget(Long.MAX_VALUE, 0.4).budgetBytes());
    }

    @Test
    void marginsThatMeanNothingAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(1000, 1));
        assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(1000, -0.1));
        assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(1000, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(-1, 0.4));
    }

    @Test
    void aFreshReadingIsNotReadAgain() {
        AtomicLong clock = new AtomicLong(-5);
        AtomicLong free = new AtomicLong(100);
        AvailableMemory memory = new RecentAvailableMemory(free::get, Duration.ofNanos(10), clock::get);
        memory.bytes();
        free.set(200);
        clock.addAndGet(9);

        assertEquals(100, memory.bytes());
    }

    @Test
    void aReadingThatIsNotFreshAnyMoreIs() {
        AtomicLong clock = new AtomicLong();
        AtomicLong free = new AtomicLong(100);
        AvailableMemory memory = new RecentAvailableMemory(free::get, Duration.ofNanos(10), clock::get);
        memory.bytes();
        free.set(200);
        clock.addAndGet(10);

        assertEquals(200, memory.bytes());
    }
}
