package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.quickstart.faults.FaultReport;
import io.parallaxfleet.quickstart.faults.FaultRun;
import io.parallaxfleet.quickstart.faults.FaultRunException;
import io.parallaxfleet.quickstart.faults.FaultSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax faults}: kills processes of a whole system and counts afterwards. */
@Command(
        name = "faults",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts three brokers, ZooKeeper, a JobManager, two TaskManagers, two simulated fleets and a device agent, each a process"
                + " of its own, kills each kind of process (SIGKILL) within three seconds of new thresholds setting out to one class, and while"
                + " the job takes another through the stages of a rollout of its own, and then compares what the job committed with a count of"
                + " its own: every inference once, every command followed once, no epoch skipped or applied twice. Takes some minutes a round,"
                + " 5 GB and two cores.")
final class FaultsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Equal seeds kill in the same order and at the same pace (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "1",
            description = "How often each kind of process is killed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--simulated", paramLabel = "N", defaultValue = "40",
            description = "Simulated devices (default: ${DEFAULT-VALUE}).")
    private int simulated;

    @Option(names = "--cache", paramLabel = "DIR", description = "Models (default: ~/.cache/parallax-fleet).")
    private Path cache;

    @Option(names = "--json", description = "Print the report as JSON; progress goes to standard error.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Directories.temporary("parallax-faults-", "the processes");
        Narrator narrator = new Narrator(spec.commandLine().getOut(), spec.commandLine().getErr(), json, System::nanoTime);
        boolean sound = false;
        try {
            FaultReport report = FaultRun.run(settings(directory), narrator::say);
            sound = report.exactlyOnce();
            print(report);
            return sound ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (FaultRunException e) {
            throw new StartupException(e.getMessage(), e);
        } finally {
            if (sound) {
                Directories.delete(directory);
            } else {
                narrator.say("what the processes said is in " + directory);
            }
        }
    }

    private void print(FaultReport report) {
        if (json) {
            spec.commandLine().getOut().println(new ObjectMapper().createObjectNode()
                    .put("seed", report.seed())
                    .put("killed", report.deaths().size())
                    .put("commands", report.commands())
                    .put("stagedRollouts", report.stagedRollouts())
                    .put("killedInStages", report.inStages())
                    .put("inferences", report.inferences())
                    .put("counted", report.counted())
                    .put("redelivered", report.redelivered())
                    .put("epochs", report.epochs())
                    .put("applications", report.applications())
                    .put("differences", report.differences().size())
                    .toString());
        } else {
            report.lines().forEach(spec.commandLine().getOut()::println);
        }
    }

    private FaultSettings settings(Path directory) {
        Path agent = AgentProcess.defaultJar();
        Path root = agent.getParent().getParent().getParent();
        try {
            return new FaultSettings(seed, rounds, simulated, directory, Optional.ofNullable(cache),
                    root.resolve(Path.of("quickstart", "target", "quickstart.jar")), agent, root.resolve(Path.of("job", "target", "parallax-job.jar")),
                    Stream.generate(Ports::free).distinct().limit(FaultSettings.PORTS).toList());
        } catch (IllegalArgumentException e) {
            Directories.delete(directory);
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
