package io.parallaxfleet.workload;

import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.uplink.DurationText;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the engine is to minimise, on a command line. */
public final class ObjectiveOptions {
    @Option(names = "--objective", paramLabel = "latency|energy|balanced", defaultValue = "latency",
            description = "What the engine's measurement at first use minimises (default: ${DEFAULT-VALUE}).")
    private String objective;

    @Option(names = "--latency-bound", paramLabel = "TIME", converter = DurationText.class,
            description = "The most an inference may take under energy or balanced, e.g. 50ms (default: twice the fastest way's).")
    private Duration latencyBound;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    public Objective objective() {
        try {
            return Objective.parse(objective, Optional.ofNullable(latencyBound));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
