package io.parallaxfleet.simulate;

import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.DurationText;
import io.parallaxfleet.uplink.FleetConnectionOptions;
import io.parallaxfleet.workload.DefaultModels;
import io.parallaxfleet.workload.ExplorationLimits;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parallax simulate}. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a simulated fleet: real plans, modelled time, memory, energy and faults; thousands of devices in one process.",
            "Everything it sends is marked as simulated and its classes start with 'sim-'."
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(15);

    @Mixin
    private FleetConnectionOptions fleet;

    @Option(names = "--devices", paramLabel = "N", defaultValue = "50", description = "Devices of each profile (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(names = "--profile", paramLabel = "NAME", split = ",", defaultValue = "fast-gpu",
            description = "Kinds of devices: fast-gpu, slow-gpu, npu, slow-bus (default: ${DEFAULT-VALUE}).")
    private List<String> profiles;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "2",
            description = "Inferences a second of each device, on average (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--explore", paramLabel = "P", defaultValue = "0.1",
            description = "Share of bursts that try a plan the thresholds would not give (default: ${DEFAULT-VALUE}).")
    private double explore;

    @Option(names = "--max-explore", paramLabel = "P", defaultValue = "0.3",
            description = "Share that the job may ask for at most, after drift and for a while (default: ${DEFAULT-VALUE}).")
    private double maxExplore;

    @Option(names = "--slower", paramLabel = "FACTOR", defaultValue = "1",
            description = "Every run takes so many times as long from --slower-after on, as after a bad driver (default: ${DEFAULT-VALUE}).")
    private double slower;

    @Option(names = "--slower-after", paramLabel = "TIME", converter = DurationText.class, defaultValue = "2m",
            description = "See --slower (default: ${DEFAULT-VALUE}).")
    private Duration slowerAfter;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "42", description = "Equal seeds give equal fleets (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--models", paramLabel = "A,B,C", split = ",", description = "Models whose plans are simulated (default: as agent).")
    private List<String> models = DefaultModels.NAMES;

    @Option(names = "--thresholds", paramLabel = "TEXT", defaultValue = "paper",
            description = "Start with these: N=3,F=1e9,B/F=0.1 or never or paper (default: ${DEFAULT-VALUE}).")
    private String thresholds;

    @Option(names = "--cache", paramLabel = "DIR", description = "Models (default: ~/.cache/parallax-fleet).")
    private Path cacheDirectory;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Clock clock = Clock.systemUTC();
        AgentEvents events = new AgentEvents(System.out, System.err, fleet.json(), clock);
        Simulation simulation = new Simulation(settings(), clock, events);
        try (OrderlyEnd end = OrderlyEnd.onSignals(simulation::stop, GRACE)) {
            fleet.whenParentEnds(() -> end.begin(0));
            return simulation.run() ? 0 : 1;
        } catch (ModelFormatException | UncheckedIOException e) {
            events.warn(e.getMessage());
            return 1;
        }
    }

    private Simulation.Settings settings() {
        try {
            return new Simulation.Settings(profiles.stream().map(SimulateCommand::profile).toList(), devices, rate,
                    new ExplorationLimits(explore, maxExplore), new Simulation.Slowdown(slower, slowerAfter), seed, models,
                    ThresholdText.parse(thresholds), ModelCache.at(cacheDirectory), fleet.address(), fleet.duration(), fleet.failFast(),
                    fleet.signature());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static SimulatedProfile profile(String name) {
        return SimulatedProfile.named(name).orElseThrow(() -> new IllegalArgumentException("'" + name + "' is not a profile; there are "
                + SimulatedProfile.ALL.stream().map(SimulatedProfile::name).collect(Collectors.joining(", "))));
    }
}
