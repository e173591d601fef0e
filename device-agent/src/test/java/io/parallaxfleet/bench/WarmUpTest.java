package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OnnxTensor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    private static final List<Contender> THREE_PEERS_AND_THE_ENGINE =
            List.of(new Named("a", true), new Named("b", true), new Named("c", true), new Named("engine", false));

    private final Map<String, Integer> runs = new LinkedHashMap<>();
    private long nowNanos;

    private record Named(String name, boolean peer) implements Contender {
        @Override
        public String setting() {
            return "";
        }

        @Override
        public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
            return 0;
        }

        @Override
        public void close() {}
    }

    private Map<String, Integer> runsOf(WarmUp warmUp, Duration each) {
        warmUp.run(THREE_PEERS_AND_THE_ENGINE, contender -> {
            nowNanos += each.toNanos();
            runs.merge(contender.name(), 1, Integer::sum);
        }, () -> nowNanos);
        return runs;
    }

    @Test
    @DisplayName("of a quick model the engine runs as often as all peers together")
    void equalParts() {
        assertEquals(Map.of("a", 100, "b", 100, "c", 100, "engine", 300), runsOf(WarmUp.steady(), Duration.ofMillis(1)));
    }

    @Test
    @DisplayName("of a slow model peers and engine share the time alike")
    void equalTimes() {
        assertEquals(Map.of("a", 14, "b", 14, "c", 14, "engine", 40), runsOf(WarmUp.steady(), Duration.ofMillis(100)));
    }

    @Test
    @DisplayName("of a very slow model each runs as often as it must at least")
    void leastRuns() {
        assertEquals(Map.of("a", 10, "b", 10, "c", 10, "engine", 10), runsOf(WarmUp.steady(), Duration.ofSeconds(1)));
    }

    @Test
    @DisplayName("a number that was asked for is kept, none included")
    void exactly() {
        assertEquals(Map.of("a", 2, "b", 2, "c", 2, "engine", 2), runsOf(WarmUp.of(2), Duration.ofSeconds(9)));
        runs.clear();
        assertEquals(Map.of(), runsOf(WarmUp.of(0), Duration.ofSeconds(9)));
    }

    @Test
    @DisplayName("an interrupt ends it")
    void interrupted() {
        Thread.currentThread().interrupt();

        assertThrows(CancellationException.class, () -> runsOf(WarmUp.steady(), Duration.ofMillis(1)));
    }
}
