package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.ExecutionTrial.Candidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionTrialTest {
    @TempDir
    Path directory;

    private static final CpuExecution WHOLE = new CpuExecution(Execution.ONE_SESSION, true);
    private static final CpuExecution PARKED = new CpuExecution(Execution.ONE_SESSION, false);
    private static final CpuExecution SPLIT = new CpuExecution(Execution.SPLIT, true);

    private final AtomicInteger gaps = new AtomicInteger();

    private ExecutionTrial trial() {
        return new ExecutionTrial(directory.resolve("deep/execution.properties"), gaps::incrementAndGet);
    }

    private static Candidate candidate(CpuExecution execution, long latencyNanos) {
        return new Candidate(execution, () -> latencyNanos);
    }

    @Test
    @DisplayName("a split that is clearly faster wins")
    void fasterSplitWins() {
        assertEquals(SPLIT, trial().decide(List.of(candidate(WHOLE, 100), candidate(SPLIT, 80))));
    }

    @Test
    @DisplayName("a split that is faster by less than the noise does not win")
    void marginalSplitLoses() {
        assertEquals(WHOLE, trial().decide(List.of(candidate(WHOLE, 100), candidate(SPLIT, 99))));
    }

    @Test
    @DisplayName("parked threads win where spinning costs more than it gives")
    void parkedWins() {
        assertEquals(PARKED, trial().decide(List.of(candidate(WHOLE, 100), candidate(SPLIT, 90), candidate(PARKED, 60))));
    }

    @Test
    @DisplayName("candidates take turns with a gap before every run, so that none spins into another's run")
    void alternates() {
        AtomicInteger turn = new AtomicInteger();
        trial().decide(List.of(
                new Candidate(WHOLE, () -> {
                    assertEquals(0, turn.getAndIncrement() % 2);
                    assertEquals(turn.get(), gaps.get());
                    return 1;
                }),
                new Candidate(SPLIT, () -> {
                    assertEquals(1, turn.getAndIncrement() % 2);
                    return 1;
                })));
        assertTrue(turn.get() > 2);
    }

    @Test
    @DisplayName("the answer is remembered by the next process")
    void remembers() {
        assertEquals(Optional.empty(), trial().remembered());
        trial().decide(List.of(candidate(WHOLE, 100), candidate(SPLIT, 50)));
        assertEquals(Optional.of(SPLIT), trial().remembered());
    }

    @Test
    @DisplayName("an unreadable answer is measured again")
    void ignoresGarbage() throws IOException {
        Path file = directory.resolve("deep/execution.properties");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "execution=SIDEWAYS\n\\u12");
        assertEquals(Optional.empty(), trial().remembered());
    }
}
