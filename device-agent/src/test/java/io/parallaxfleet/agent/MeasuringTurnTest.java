package io.parallaxfleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MeasuringTurnTest {
    private static final Duration PATIENT = Duration.ofMinutes(1);
    private static final CountDownLatch NEVER_STOPPED = new CountDownLatch(1);

    @TempDir
    private Path directory;

    private MeasuringTurn turns() {
        return MeasuringTurn.at(directory.resolve("turn.lock"));
    }

    /** Another agent: takes the turn, says so, and holds it until its input ends. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws InterruptedException, IOException {
            try (MeasuringTurn turns = MeasuringTurn.at(Path.of(arguments[0]));
                    MeasuringTurn.Turn turn = turns.take(PATIENT, NEVER_STOPPED)) {
                System.out.println(turn.exclusive());
                System.in.read();
            }
        }
    }

    private Process holder() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"), Holder.class.getName(),
                        directory.resolve("turn.lock").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLine(Process process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    @Test
    void aFreeTurnIsTakenExclusively() throws InterruptedException {
        try (MeasuringTurn turns = turns();
                MeasuringTurn.Turn turn = turns.take(PATIENT, NEVER_STOPPED)) {
            assertTrue(turn.exclusive());
        }
    }

    @Test
    void whileAnotherProcessHoldsItTheTurnIsNotGiven() throws IOException, InterruptedException {
        Process other = holder();
        try (MeasuringTurn turns = turns()) {
            assertEquals("true", firstLine(other));
            try (MeasuringTurn.Turn turn = turns.take(Duration.ofMillis(50), NEVER_STOPPED)) {
                assertFalse(turn.exclusive());
            }
            other.getOutputStream().close();
            try (MeasuringTurn.Turn turn = turns.take(PATIENT, NEVER_STOPPED)) {
                assertTrue(turn.exclusive());
            }
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aHolderThatIsKilledGivesTheTurnBack() throws IOException, InterruptedException {
        Process other = holder();
        try (MeasuringTurn turns = turns()) {
            assertEquals("true", firstLine(other));
            other.destroyForcibly().waitFor();

            try (MeasuringTurn.Turn turn = turns.take(PATIENT, NEVER_STOPPED)) {
                assertTrue(turn.exclusive());
            }
        }
    }

    @Test
    void stoppingEndsTheWait() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(0);
        try (MeasuringTurn holder = turns();
                MeasuringTurn waiter = turns();
                MeasuringTurn.Turn held = holder.take(PATIENT, NEVER_STOPPED);
                MeasuringTurn.Turn turn = waiter.take(PATIENT, stopped)) {
            assertTrue(held.exclusive());
            assertFalse(turn.exclusive());
        }
    }

    @Test
    void twoAgentsNeverHoldItTogetherAndBothGetTheirTurns() throws InterruptedException {
        AtomicInteger holders = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        CountDownLatch bothDone = new CountDownLatch(2);
        Runnable agent = () -> {
            try (MeasuringTurn turns = turns()) {
                for (int burst = 0; burst < 20; burst++) {
                    try (MeasuringTurn.Turn turn = turns.take(PATIENT, NEVER_STOPPED)) {
                        if (turn.exclusive() && holders.incrementAndGet() > 1) {
                            together.incrementAndGet();
                        }
                        holders.decrementAndGet();
                    }
                }
                bothDone.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        new Thread(agent).start();
        new Thread(agent).start();

        bothDone.await();
        assertEquals(0, together.get());
    }

    @Test
    @SuppressWarnings("try") // The lock is held and not used.
    void twoAgentsCannotShareAStateDirectory() {
        try (StateLock lock = StateLock.take(directory)) {
            String message = assertThrows(StateInUseException.class, () -> StateLock.take(directory)).getMessage();

            assertTrue(message.contains("--state-dir"));
        }
    }
}
