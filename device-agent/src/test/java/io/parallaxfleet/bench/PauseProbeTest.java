package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Queue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PauseProbeTest {
    private static final Map<Rest, Long> NANOS = Map.of(Rest.NONE, 1_000L, Rest.AWAKE, 1_100L, Rest.ASLEEP, 1_500L);

    private final Queue<Double> othersByRound = new ArrayDeque<>();
    private final Machine machine = new Machine();

    /** Time after a rest depends on the rest alone; while others are busy everything takes ten times as long. */
    private final class Machine implements Contender {
        private Rest last = Rest.NONE;
        private long factor = 1;
        private int visits;

        void rest(Rest rest, Duration duration) {
            last = rest;
            if (duration.equals(Pacing.SETTLING)) {
                visits++;
            }
        }

        PauseProbe.Conditions conditions() {
            return new PauseProbe.Conditions(this::rest, () -> {
                double share = othersByRound.isEmpty() ? 0 : othersByRound.remove();
                factor = share > 0 ? 10 : 1;
                return () -> OptionalDouble.of(share);
            });
        }

        @Override
        public String name() {
            return "machine";
        }

        @Override
        public boolean peer() {
            return true;
        }

        @Override
        public String setting() {
            return "";
        }

        @Override
        public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
            long nanos = NANOS.get(last) * factor;
            last = Rest.NONE;
            return nanos;
        }

        @Override
        public void close() {}
    }

    private PauseProbe.Found measure(int rounds) {
        return new PauseProbe(List.of(machine), Map.of(), WarmUp.exactly(3), machine.conditions()).measure(rounds);
    }

    @Test
    @DisplayName("each rest has its own latency, and the run after the settling pause does not count")
    void latencies() {
        PauseProbe.Found found = measure(2);

        assertEquals(NANOS, found.byContender().get("machine").nanos());
        assertEquals(1.5, found.byContender().get("machine").ratio(Rest.ASLEEP));
    }

    @Test
    @DisplayName("a round in which others were busy is tried again and does not count")
    void disturbed() {
        othersByRound.addAll(List.of(0.0, 0.5, 0.0));

        PauseProbe.Found found = measure(2);

        assertEquals(1, found.disturbedRounds());
        assertEquals(NANOS, found.byContender().get("machine").nanos());
        assertEquals(3 * Rest.values().length, machine.visits);
    }

    @Test
    @DisplayName("where others are always busy it gives up without figures, and the table has none")
    void alwaysDisturbed() {
        othersByRound.addAll(List.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5));

        PauseProbe.Found found = measure(2);

        assertEquals(Map.of(), found.byContender());
        assertEquals(6, found.disturbedRounds());
        PauseTable table = new PauseTable(List.of("machine"));
        table.add("model", found);
        assertTrue(table.text(true).endsWith("| model |  |  |  | 6 |\n"), table.text(true));
    }

    @Test
    @DisplayName("the table shows multiples of the latency back to back, and their geometric mean")
    void table() {
        PauseTable table = new PauseTable(List.of("machine"));
        table.add("quick", new PauseProbe.Found(
                Map.of("machine", new PauseProbe.Costs(Map.of(Rest.NONE, 1_000_000L, Rest.AWAKE, 1_000_000L, Rest.ASLEEP, 4_000_000L))), 0));
        table.add("slow", new PauseProbe.Found(
                Map.of("machine", new PauseProbe.Costs(Map.of(Rest.NONE, 2_000_000L, Rest.AWAKE, 2_000_000L, Rest.ASLEEP, 2_000_000L))), 1));

        assertEquals("""
                | model | machine, ms | x, pause awake | x, pause asleep | rounds disturbed |
                |---|---|---|---|---|
                | quick | 1.00 | 1.00 | 4.00 | 0 |
                | slow | 2.00 | 1.00 | 1.00 | 1 |
                | geometric mean |  | 1.00 | 2.00 |  |
                """, table.text(true));
    }
}
