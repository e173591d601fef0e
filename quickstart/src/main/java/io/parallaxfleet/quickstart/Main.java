package io.parallaxfleet.quickstart;

import io.parallaxfleet.dashboards.DashboardCommand;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The verbs that run beside the fleet; those of a device run from the agent jar. */
@Command(name = "parallax", mixinStandardHelpOptions = true,
        description = "Parallax Fleet: delegation thresholds for CPU + accelerator inference, recalibrated over a whole fleet.",
        subcommands = {DemoCommand.class, FaultsCommand.class, JobCommand.class, DashboardCommand.class, TopicsCommand.class, ThresholdsCommand.class,
            RolloutVerbs.class, BrokerCommand.class, RegistryCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs one verb and ends the process with its exit code: 0 done, 1 failed, 2 wrong arguments; a verb may have more. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new Main());
        commands.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commands.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        if (System.console() == null) {
            commands.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        }
        commands.setParameterExceptionHandler((e, arguments) -> {
            CommandLine command = e.getCommandLine();
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + oneLine(e)
                    + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
            return CommandLine.ExitCode.USAGE;
        });
        commands.setExecutionExceptionHandler((e, command, result) -> {
            // What the user can act on is one line; anything else is a defect, and its stack trace is what a report needs.
            if (e instanceof StartupException || e instanceof BrokerUnavailableException || e instanceof SchemaRegistryException) {
                command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + oneLine(e));
            } else {
                e.printStackTrace(command.getErr());
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commands;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static String oneLine(Exception e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
