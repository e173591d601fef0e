package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.parallaxfleet.execute.SessionSettings.Spinning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionMemoTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final TrialResult STEADY = new TrialResult(0, true, "latency",
            Map.of("one session", new TrialResult.Measured(5, OptionalLong.empty())));

    @TempDir
    Path directory;

    private ExecutionMemo memo() {
        return new ExecutionMemo(directory.resolve("deep/execution.properties"));
    }

    @Test
    void nothingIsRememberedBeforeATrial() {
        assertEquals(Optional.empty(), memo().read(NOW));
    }

    @Test
    void measuredLayersThreadsSpinningAndBindingAreRemembered() {
        CpuExecution split = new CpuExecution(new SideBySide.Measured(Set.of(3, 14, 15)), 2, Spinning.WITHIN_RUN, true);
        memo().write(split, STEADY, NOW);
        assertEquals(Optional.of(split), memo().read(NOW));
    }

    @Test
    void layersInsideSubGraphsComeBackUnderTheirNames() {
        SideBySide.Measured inner = new SideBySide.Measured(Set.of(7, 8));
        SideBySide.Measured inside = new SideBySide.Measured(Set.of(), Map.of("2.else_branch", inner));
        SideBySide.Measured measured = new SideBySide.Measured(Set.of(), Map.of("0.then_branch", inside, "0.else_branch", inner));
        CpuExecution split = new CpuExecution(measured, 2, Spinning.WITHIN_RUN, false);
        memo().write(split, STEADY, NOW);
        assertEquals(Optional.of(split), memo().read(NOW));
    }

    @Test
    void aLaterAnswerReplacesAnEarlierOne() {
        memo().write(new CpuExecution(new SideBySide.Measured(Set.of(3)), 2, Spinning.OFF, false), STEADY, NOW);
        CpuExecution whole = new CpuExecution(new SideBySide.Nowhere(), 4, Spinning.ALWAYS, false);
        memo().write(whole, STEADY, NOW);
        assertEquals(Optional.of(whole), memo().read(NOW));
    }

    @Test
    void anAnswerFromABusyMachineCountsForAWhileOnly() {
        CpuExecution whole = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.OFF, false);
        memo().write(whole, new TrialResult(0, false, "latency", Map.of()), NOW);
        assertEquals(Optional.of(whole), memo().read(NOW.plus(ExecutionMemo.UNSTEADY_COUNTS_FOR)));
        assertEquals(Optional.empty(), memo().read(NOW.plus(ExecutionMemo.UNSTEADY_COUNTS_FOR).plusSeconds(1)));
    }

    @Test
    void anAnswerFromASteadyMachineCountsForGood() {
        CpuExecution whole = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.OFF, false);
        memo().write(whole, STEADY, NOW);
        assertEquals(Optional.of(whole), memo().read(NOW.plusSeconds(1_000_000_000)));
    }

    @Test
    void whatNoTrialAnswersIsNotRemembered() {
        CpuExecution forced = new CpuExecution(new SideBySide.Everywhere(), 2, Spinning.OFF, false);
        assertThrows(IllegalArgumentException.class, () -> memo().write(forced, STEADY, NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "spinning=SIDEWAYS", "sideBySide=nowhere\nspinning=OFF\nthreads=0", "sideBySide=1,x\nspinning=OFF\nthreads=2", "\\u12"
    })
    void anUnreadableAnswerIsAsGoodAsNone(String text) throws IOException {
        Files.createDirectories(memo().file().getParent());
        Files.writeString(memo().file(), text);
        assertEquals(Optional.empty(), memo().read(NOW));
    }
}
