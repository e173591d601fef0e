package io.parallaxfleet.agent;

import io.parallaxfleet.ablation.AblationCommand;
import io.parallaxfleet.bench.BenchCommand;
import io.parallaxfleet.check.CheckCommand;
import io.parallaxfleet.engine.EngineException;
import io.parallaxfleet.engine.EngineVersion;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.simulate.SimulateCommand;
import io.parallaxfleet.zoo.ZooCommand;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Entry point of the agent jar. */
@Command(
        name = "parallax",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "The device side of Parallax Fleet.",
        subcommands = {
            AgentCommand.class, SimulateCommand.class, BenchCommand.class, AblationCommand.class, CheckCommand.class, ZooCommand.class
        })
public final class Main implements Runnable {
    private static final String LOG_CONFIGURATION = "log4j2.configurationFile";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"parallax " + EngineVersion.CURRENT};
        }
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do");
    }

    /** Runs the command line; the exit code. */
    public static int execute(String... arguments) {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::misuse)
                .setExecutionExceptionHandler(Main::explain)
                .execute(arguments);
    }

    /** One line; the whole usage text would bury it. */
    private static int misuse(CommandLine.ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        command.getErr().println(misuse.getMessage() + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Bad input is one line; anything else is a defect and keeps its stack trace. */
    private static int explain(Exception failure, CommandLine commandLine, CommandLine.ParseResult result) throws Exception {
        if (failure instanceof ModelFormatException
                || failure instanceof EngineException
                || failure instanceof IllegalArgumentException
                || failure instanceof UncheckedIOException) {
            commandLine.getErr().println(failure.getMessage());
            return commandLine.getCommandSpec().exitCodeOnExecutionException();
        }
        throw failure;
    }

    public static void main(String[] arguments) {
        // Before the first logger is made: the clients' own chatter about an absent broker would bury the agent's one line.
        if (System.getProperty(LOG_CONFIGURATION) == null) {
            System.setProperty(LOG_CONFIGURATION, "parallax-agent-log4j2.properties");
        }
        System.exit(execute(arguments));
    }
}
