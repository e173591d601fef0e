package io.parallaxfleet.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OrderlyEndTest {
    private static final int TERM = 15;

    private Process process;

    /** A verb that ends when it is asked to, or does not care. Says what happens, and has a hook of the JVM say when it runs. */
    static final class Verb {
        private Verb() {}

        @SuppressWarnings("try") // Only its presence matters.
        public static void main(String[] arguments) throws InterruptedException {
            boolean obedient = arguments[0].equals("obedient");
            CountDownLatch asked = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            try (OrderlyEnd end = OrderlyEnd.onSignals(asked::countDown, Duration.parse(arguments[1]))) {
                System.out.println("working");
                asked.await();
                System.out.println("asked");
                if (!obedient) {
                    new CountDownLatch(1).await();
                }
                Thread.sleep(100);
                System.out.println("done");
            }
        }
    }

    private BufferedReader start(String kind, Duration grace) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder verb = new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"), Verb.class.getName(), kind,
                grace.toString()).redirectErrorStream(true);
        // A JVM says first what it picked up from there.
        verb.environment().remove("JAVA_TOOL_OPTIONS");
        process = verb.start();
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertEquals("working", output.readLine());
        return output;
    }

    /** SIGTERM; {@link Process#destroy} would close the pipe that is read, too. */
    private void terminate() {
        process.toHandle().destroy();
    }

    @AfterEach
    void killWhatIsLeft() {
        process.destroyForcibly();
    }

    @Test
    void theVerbEndsBeforeTheHooksOfTheJvmStart() throws IOException, InterruptedException {
        BufferedReader output = start("obedient", Duration.ofMinutes(1));
        terminate();
        assertEquals(List.of("asked", "done", "hook"), output.lines().toList());
        assertEquals(0, process.waitFor());
    }

    @Test
    void aVerbThatDoesNotEndIsHaltedAfterItsGrace() throws IOException, InterruptedException {
        BufferedReader output = start("deaf", Duration.ofMillis(300));
        terminate();
        List<String> lines = output.lines().toList();
        assertEquals("asked", lines.get(0));
        assertTrue(lines.get(1).contains("halted"), () -> "it said " + lines);
        assertEquals(2, lines.size(), "no hook runs beside what is still at work");
        assertEquals(128 + TERM, process.waitFor());
    }

    @Test
    void aSecondSignalDoesNotWaitForTheGrace() throws IOException, InterruptedException {
        BufferedReader output = start("deaf", Duration.ofMinutes(10));
        terminate();
        assertEquals("asked", output.readLine());
        terminate();
        assertEquals(List.of(), output.lines().toList());
        assertEquals(128 + TERM, process.waitFor());
    }
}
