package io.parallaxfleet.workload;

import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.uplink.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    /** What was given, as it is written on a command line; nothing for the default. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (!(objective() instanceof Objective.Latency)) {
            arguments.addAll(List.of("--objective", objective));
        }
        if (latencyBound != null) {
            arguments.addAll(List.of("--latency-bound", String.format(Locale.ROOT, "%.9fs", latencyBound.toNanos() * 1e-9)));
        }
        return arguments;
    }

    public Objective objective() {
        try {
            return Objective.parse(objective, Optional.ofNullable(latencyBound));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
