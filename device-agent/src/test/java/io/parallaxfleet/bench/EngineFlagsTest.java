package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.SubsetRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

class EngineFlagsTest {
    private static final EngineOptions DEFAULTS = EngineOptions.defaults(Path.of("cache"));

    private static EngineOptions options(String... flags) {
        return EngineFlags.parse(List.of(flags)).applyTo(DEFAULTS);
    }

    @Test
    @DisplayName("without flags the engine is what it is")
    void none() {
        assertEquals(DEFAULTS, options());
        assertEquals("", EngineFlags.describe(DEFAULTS));
    }

    @Test
    @DisplayName("each flag changes the one thing it names, and the table says so")
    void each() {
        assertEquals(DEFAULTS.withThreads(3), options("--threads", "3"));
        assertEquals(DEFAULTS.withExecution(Execution.ONE_SESSION), options("--no-parallelism"));
        assertEquals(DEFAULTS.withExecution(Execution.SPLIT), options("--execution", "SPLIT"));
        assertEquals(new Scheduling(true, SubsetRule.MOST_TIME_SAVED), options("--layer-barrier").scheduling());
        assertEquals(new Scheduling(false, SubsetRule.MOST_NUMEROUS), options("--greedy-subset").scheduling());
        assertEquals(OptionalLong.of(4096), options("--budget", "4096").memory().capBytes());
        assertEquals(DEFAULTS.withMemory(DEFAULTS.memory().withMargin(0.3)), options("--memory-margin", "0.3"));
        assertEquals(", margin 0.3", EngineFlags.describe(options("--memory-margin", "0.3")));
        assertEquals(StorageSharing.WITHIN_STEPS, options("--no-sharing").memory().sharing());
        assertEquals(", forced, layer barrier, budget 4096 B, greedy subset, no sharing", EngineFlags.describe(options(
                "--execution", "SPLIT", "--layer-barrier", "--budget", "4096", "--greedy-subset", "--no-sharing")));
    }

    @Test
    @DisplayName("flags handed on to another process mean the same there")
    void roundTrip() {
        for (List<String> flags : List.of(
                List.of("--threads", "2", "--no-parallelism"),
                List.of("--memory-margin", "0.5"),
                List.of("--objective", "balanced"),
                List.of("--objective", "energy", "--latency-bound", "1.5ms"),
                List.of("--execution", "SPLIT", "--budget", "77", "--layer-barrier", "--greedy-subset", "--no-sharing"))) {
            EngineFlags parsed = EngineFlags.parse(flags);
            assertEquals(parsed.applyTo(DEFAULTS), EngineFlags.parse(parsed.arguments()).applyTo(DEFAULTS));
            assertEquals(flags.size(), parsed.arguments().size());
        }
    }

    @Test
    @DisplayName("flags that exclude one another and a negative budget are refused in one line")
    void refused() {
        for (String[] flags : new String[][] {
            {"--no-parallelism", "--layer-barrier"}, {"--no-parallelism", "--execution", "SPLIT"}, {"--no-parallelism", "--greedy-subset"}
        }) {
            assertTrue(assertThrows(ParameterException.class, () -> options(flags)).getMessage().contains("--no-parallelism excludes"));
        }
        assertTrue(assertThrows(ParameterException.class, () -> options("--budget=-1")).getMessage().contains("cannot be negative"));
        assertTrue(assertThrows(ParameterException.class, () -> options("--memory-margin=1")).getMessage().contains("must be in [0, 1)"));
        assertTrue(assertThrows(ParameterException.class, () -> options("--execution=HETEROGENEOUS")).getMessage()
                .endsWith("'HETEROGENEOUS' is none of ONE_SESSION, REWRITTEN, SPLIT"));
        assertThrows(ParameterException.class, () -> options("--no-such-flag"));
        assertEquals(Optional.of(Execution.ONE_SESSION), options("--no-parallelism", "--execution", "ONE_SESSION").execution());
    }
}
