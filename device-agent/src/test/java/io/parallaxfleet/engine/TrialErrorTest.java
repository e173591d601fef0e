package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.execute.SessionSettings.Spinning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How often a trial is wrong, on simulated machines. */
class TrialErrorTest {
    private static final int TRIALS = 2_000;
    private static final double MILLISECOND = 1e6;
    /** 1 / PROOF, and what 2000 trials may differ from their expectation by at three standard deviations. */
    private static final double MOST_ERRORS = TRIALS / RivalEvidence.PROOF + 3 * Math.sqrt(TRIALS / RivalEvidence.PROOF);

    private static TrialResult trial(NoisyMachine machine, List<ExecutionTrial.Candidate> candidates) {
        return new ExecutionTrial(machine.conditions(), Duration.ofSeconds(8), new Objective.Latency()).decide(candidates);
    }

    private interface Machine {
        NoisyMachine of(long seed);
    }

    /** Trials of ways that are no faster than the incumbent which answer with one of them. */
    private static int wrong(Machine machines, double... overTheIncumbent) {
        int wrong = 0;
        for (int seed = 0; seed < TRIALS; seed++) {
            NoisyMachine machine = machines.of(seed);
            List<ExecutionTrial.Candidate> candidates = new ArrayList<>(List.of(machine.candidate("incumbent", 5 * MILLISECOND, 2)));
            for (double ratio : overTheIncumbent) {
                candidates.add(machine.candidate("x" + candidates.size(), ratio * 5 * MILLISECOND, 2));
            }
            wrong += trial(machine, candidates).winner() == 0 ? 0 : 1;
        }
        return wrong;
    }

    @Test
    @DisplayName("ways that are just as fast take over in at most one trial of fifty, however many they are and however noisy the machine")
    void noFaster() {
        double[] six = {1, 1, 1, 1, 1, 1};
        assertTrue(wrong(seed -> new NoisyMachine(seed, 0, Duration.ofMillis(1), false), six) <= MOST_ERRORS);
        assertTrue(wrong(seed -> new NoisyMachine(seed, 0.5, Duration.ofMillis(30), false), six) <= MOST_ERRORS);
        assertTrue(wrong(seed -> new NoisyMachine(seed, 0.3, Duration.ofMillis(700), false), six) <= MOST_ERRORS);
    }

    @Test
    @DisplayName("ways that are more than 5 % slower practically never do")
    void slower() {
        assertTrue(wrong(seed -> new NoisyMachine(seed, 0.3, Duration.ofMillis(300), false), 1.06, 1.1, 1.3) <= TRIALS / 500);
    }

    @Test
    @DisplayName("what is faster only because it suffers less from others is not believed while others are busy")
    void theLoadOfOthers() {
        int believed = 0;
        for (int seed = 0; seed < TRIALS; seed++) {
            NoisyMachine machine = new NoisyMachine(seed, 0.8, Duration.ofSeconds(2), true);
            // Threads that spin against others' lose three times as much; in the quiet they are 40 % faster.
            TrialResult result = trial(machine, List.of(machine.candidate("spinning", 5 * MILLISECOND, 6),
                    machine.candidate("parked", 7 * MILLISECOND, 2)));
            believed += result.winner();
        }
        assertTrue(believed <= TRIALS / 500, believed + " of " + TRIALS);
    }

    @Test
    @DisplayName("a way that is 15 % faster is found by nine of ten trials on a machine with some noise")
    void power() {
        int found = 0;
        for (int seed = 0; seed < TRIALS; seed++) {
            NoisyMachine machine = new NoisyMachine(seed, 0.05, Duration.ofMillis(50), true);
            found += trial(machine, List.of(machine.candidate("incumbent", 5 * MILLISECOND, 2),
                    machine.candidate("slower", 6 * MILLISECOND, 2), machine.candidate("faster", 4.25 * MILLISECOND, 2))).winner() == 2 ? 1 : 0;
        }
        assertTrue(found >= 0.9 * TRIALS, found + " of " + TRIALS);
    }

    @Test
    @DisplayName("looking again at every start does not put a way in force that is no faster, nor take away one that is")
    void lookingAgain() {
        assertTrue(everInForce(1) <= MOST_ERRORS / 4);
        assertTrue(inForceAtTheEnd(0.85) >= 0.95 * TRIALS / 4);
    }

    private static int everInForce(double ratio) {
        int inForce = 0;
        for (int seed = 0; seed < TRIALS / 4; seed++) {
            inForce += starts(seed, ratio).contains(true) ? 1 : 0;
        }
        return inForce;
    }

    private static int inForceAtTheEnd(double ratio) {
        int inForce = 0;
        for (int seed = 0; seed < TRIALS / 4; seed++) {
            List<Boolean> starts = starts(seed, ratio);
            inForce += starts.get(starts.size() - 1) ? 1 : 0;
        }
        return inForce;
    }

    /** Whether the challenger was in force after each of twenty starts, an hour apart, on a budget that is too short for a proof. */
    private static List<Boolean> starts(long seed, double ratio) {
        CpuExecution incumbent = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.ALWAYS, false);
        CpuExecution challenger = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.OFF, false);
        NoisyMachine machine = new NoisyMachine(seed, 0.1, Duration.ofMillis(100), true);
        Instant now = Instant.parse("2026-11-21T12:00:00Z");
        ExecutionAnswer answer = new ExecutionAnswer.Rivalry(challenger, false, RivalEvidence.NONE, now, now);
        List<Boolean> inForce = new ArrayList<>();
        for (int start = 0; start < 20; start++) {
            now = now.plus(Duration.ofHours(1));
            if (answer instanceof ExecutionAnswer.Rivalry rivalry && rivalry.due(now)) {
                RivalEvidence fresh = new ExecutionTrial(machine.conditions(), Duration.ofMillis(800), new Objective.Latency())
                        .lookAgain(machine.candidate("incumbent", 5 * MILLISECOND, 2),
                                machine.candidate("challenger", ratio * 5 * MILLISECOND, 2), rivalry::enough);
                answer = rivalry.after(fresh, incumbent, now);
            }
            inForce.add(answer.inUse(incumbent).equals(challenger));
        }
        assertEquals(20, inForce.size());
        return inForce;
    }
}
