package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionTrialTest {
    @TempDir
    Path directory;

    private ExecutionTrial trial() {
        return new ExecutionTrial(directory.resolve("deep/execution.properties"));
    }

    @Test
    @DisplayName("a split that is clearly faster wins")
    void fasterSplitWins() {
        assertEquals(Execution.SPLIT, trial().decide(() -> 100, () -> 80));
    }

    @Test
    @DisplayName("a split that is faster by less than the noise does not win")
    void marginalSplitLoses() {
        assertEquals(Execution.ONE_SESSION, trial().decide(() -> 100, () -> 99));
    }

    @Test
    @DisplayName("the two executions take turns, so that a change of the machine's speed hits both")
    void alternates() {
        AtomicInteger turn = new AtomicInteger();
        trial().decide(
                () -> {
                    assertEquals(0, turn.getAndIncrement() % 2);
                    return 1;
                },
                () -> {
                    assertEquals(1, turn.getAndIncrement() % 2);
                    return 1;
                });
        assertTrue(turn.get() > 2);
    }

    @Test
    @DisplayName("the answer is remembered by the next process")
    void remembers() {
        assertEquals(Optional.empty(), trial().remembered());
        trial().decide(() -> 100, () -> 50);
        assertEquals(Optional.of(Execution.SPLIT), trial().remembered());
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
