package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    private static final TrialResult TRIAL = new TrialResult(new TrialFinding.IncumbentStays(RivalEvidence.NONE), "latency",
            Map.of("one session", new TrialResult.Measured(5, OptionalLong.empty())));
    private static final CpuExecution WHOLE = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.OFF, false);
    private static final CpuExecution SPLIT = new CpuExecution(new SideBySide.Measured(Set.of(3, 14, 15)), 2, Spinning.WITHIN_RUN, true);

    @TempDir
    Path directory;

    private ExecutionMemo memo() {
        return new ExecutionMemo(directory.resolve("deep/execution.properties"));
    }

    @Test
    void nothingIsRememberedBeforeATrial() {
        assertEquals(Optional.empty(), memo().read(NOW));
    }

    private Optional<ExecutionAnswer> remembered(ExecutionAnswer answer) {
        memo().write(answer, TRIAL, Optional.empty());
        return memo().read(NOW);
    }

    @Test
    void measuredLayersThreadsSpinningAndBindingAreRemembered() {
        ExecutionAnswer settled = new ExecutionAnswer.Settled(SPLIT);
        assertEquals(Optional.of(settled), remembered(settled));
    }

    @Test
    void aRewrittenModelIsRememberedAsSuch() {
        ExecutionAnswer settled = new ExecutionAnswer.Settled(WHOLE.rewritten());
        assertEquals(Optional.of(settled), remembered(settled));
    }

    @Test
    void layersInsideSubGraphsComeBackUnderTheirNames() {
        SideBySide.Measured inner = new SideBySide.Measured(Set.of(7, 8));
        SideBySide.Measured inside = new SideBySide.Measured(Set.of(), Map.of("2.else_branch", inner));
        SideBySide.Measured measured = new SideBySide.Measured(Set.of(), Map.of("0.then_branch", inside, "0.else_branch", inner));
        ExecutionAnswer settled = new ExecutionAnswer.Settled(new CpuExecution(measured, 2, Spinning.WITHIN_RUN, false));
        assertEquals(Optional.of(settled), remembered(settled));
    }

    @Test
    void aRivalryIsRememberedWithEveryRound() {
        ExecutionAnswer rivalry = new ExecutionAnswer.Rivalry(SPLIT, true,
                new RivalEvidence(new PairedRounds(11, 2), new PairedRounds(13, 0)), NOW.minusSeconds(50), NOW);
        assertEquals(Optional.of(rivalry), remembered(rivalry));
    }

    @Test
    void aLaterAnswerReplacesAnEarlierOneAndKeepsWhatWasMeasured() throws IOException {
        remembered(new ExecutionAnswer.Rivalry(SPLIT, true, RivalEvidence.NONE, NOW, NOW));
        memo().update(new ExecutionAnswer.Settled(WHOLE));
        assertEquals(Optional.of(new ExecutionAnswer.Settled(WHOLE)), memo().read(NOW));
        assertTrue(Files.readString(memo().file()).contains("measuredNanos.one\\ session=5"), Files.readString(memo().file()));
    }

    @Test
    void aProvisionalAnswerCountsForAWhileOnly() {
        ExecutionAnswer provisional = new ExecutionAnswer.Provisional(WHOLE, NOW.plusSeconds(60));
        assertEquals(Optional.of(provisional), remembered(provisional));
        assertEquals(Optional.of(provisional), memo().read(NOW.plusSeconds(60)));
        assertEquals(Optional.empty(), memo().read(NOW.plusSeconds(61)));
    }

    @Test
    void whatNoTrialAnswersIsNotRemembered() {
        CpuExecution forced = new CpuExecution(new SideBySide.Everywhere(), 2, Spinning.OFF, false);
        assertThrows(IllegalArgumentException.class, () -> memo().write(new ExecutionAnswer.Settled(forced), TRIAL, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "spinning=SIDEWAYS", "answer=settled\nsideBySide=nowhere\nspinning=OFF\nthreads=0",
        "answer=settled\nsideBySide=1,x\nspinning=OFF\nthreads=2", "\\u12",
        "answer=rivalry\nsideBySide=nowhere\nspinning=OFF\nthreads=2\npaced=many won, 1 lost",
        // What builds wrote that believed one trial.
        "sideBySide=nowhere\nspinning=OFF\nthreads=2\nbound=false\nsteady=true\nmeasuredAt=2026-11-21T11\\:00\\:00Z"
    })
    void anUnreadableAnswerIsAsGoodAsNone(String text) throws IOException {
        Files.createDirectories(memo().file().getParent());
        Files.writeString(memo().file(), text);
        assertEquals(Optional.empty(), memo().read(NOW));
    }
}
