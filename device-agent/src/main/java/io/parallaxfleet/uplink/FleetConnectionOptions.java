package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that every device, real or simulated, shares. */
public final class FleetConnectionOptions {
    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", defaultValue = "localhost:9092",
            description = "Kafka bootstrap servers, comma-separated (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(names = "--registry", paramLabel = "URL", defaultValue = "http://localhost:8081",
            description = "Schema registry (default: ${DEFAULT-VALUE}).")
    private String registry;

    @Option(names = "--duration", paramLabel = "TIME", converter = DurationText.class,
            description = "End after this time, e.g. 2m (default: run until stopped).")
    private Duration duration;

    @Option(names = "--key-file", paramLabel = "FILE",
            description = "Fleet key; updates must carry its HMAC-SHA256 signature (default: no signature is asked for).")
    private Path keyFile;

    @Option(names = "--fail-fast", description = "End with exit code 1 if no broker or registry answers at the start"
            + " (default: keep trying).")
    private boolean failFast;

    @Option(names = "--json", description = "One JSON object a line on standard output; progress goes to standard error.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private ProcessHandle parent;

    @Option(names = "--parent-pid", paramLabel = "PID", description = "End when this process ends.")
    void endWith(long parentPid) {
        parent = ProcessHandle.of(parentPid).orElseThrow(() -> new ParameterException(spec.commandLine(),
                "there is no process " + parentPid + " to end with"));
    }

    /** Calls this when the process that started this one is gone: a parent that is killed cannot end its children. */
    public void whenParentEnds(Runnable end) {
        if (parent != null) {
            parent.onExit().thenRun(end);
        }
    }

    public BrokerAddress address() {
        try {
            return BrokerAddress.parse(bootstrap, registry);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    public Optional<Duration> duration() {
        return Optional.ofNullable(duration);
    }

    public boolean failFast() {
        return failFast;
    }

    public boolean json() {
        return json;
    }

    /** The fleet key's verifier; empty where no key file is given. */
    public Optional<ThresholdSignature> signature() {
        try {
            return Optional.ofNullable(keyFile).map(KeyFile::read);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
