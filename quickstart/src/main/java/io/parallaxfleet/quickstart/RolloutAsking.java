package io.parallaxfleet.quickstart;

import io.parallaxfleet.quickstart.rollout.RolloutBook;
import io.parallaxfleet.quickstart.rollout.RolloutJson;
import io.parallaxfleet.quickstart.rollout.RolloutText;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.rollouts.FleetCommands;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.uplink.DurationText;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all verbs that ask the job for something have in common: write the command, wait for the answers, say what they were. */
@Command(mixinStandardHelpOptions = true, exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:refused by the job, or not possible", "2:wrong arguments", "3:no job answered in time"})
abstract class RolloutAsking implements Callable<Integer> {
    /** Exit code when no job answered in time. */
    static final int NO_ANSWER = 3;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection;

    @Option(names = {"--reason", "--why"}, required = true, paramLabel = "TEXT", description = "Why; it is kept with the decision.")
    private String reason;

    @Option(names = {"--by", "--who"}, paramLabel = "NAME", defaultValue = "${user.name}", description = "Who (default: ${DEFAULT-VALUE}).")
    private String actor;

    @Option(names = "--timeout", paramLabel = "TIME", converter = DurationText.class, defaultValue = "60s",
            description = "How long to wait for the job's answer, which comes with its next checkpoint (default: ${DEFAULT-VALUE}).")
    private Duration timeout;

    @Option(names = "--json", description = "Print the job's answer as JSON, a class a line group.")
    private boolean json;

    /** @return the exit code */
    abstract int ask(Request request);

    @Override
    public final Integer call() {
        Request request = new Request();
        request.require("--reason", reason);
        request.require("--by", actor);
        return ask(request);
    }

    /** One call of the verb. */
    final class Request {
        CommandSpec spec() {
            return spec;
        }

        void require(String name, String value) {
            if (value.isBlank()) {
                throw new CommandLine.ParameterException(spec.commandLine(), name + " must not be blank");
            }
        }

        RolloutBook book() {
            return RolloutVerbs.book(connection);
        }

        void forEachDevice(Consumer<DeviceProfile> action) {
            TopicSnapshot.forEach(connection.clientSettings(), connection.registry(), Topic.DEVICES, DeviceProfile.class, action);
        }

        RolloutCommand.Builder command(RolloutAction action, String deviceClass, boolean simulated) {
            return RolloutCommand.newBuilder()
                    .setCommandId(UUID.randomUUID().toString())
                    .setAction(action)
                    .setDeviceClass(deviceClass)
                    .setSimulated(simulated)
                    .setActor(actor)
                    .setReason(reason)
                    .setTimestamp(Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS));
        }

        /** The answers of these classes, as far as they came in time. */
        List<RolloutEvent> answers(RolloutCommand command, Set<String> classes) {
            return new RolloutDesk(connection.clientSettings(), connection.registry()).ask(command, classes, timeout);
        }

        /** Says them, and of whom none came. @return the exit code */
        int tell(RolloutCommand command, List<RolloutEvent> answers, Set<String> classes) {
            Set<String> silent = new TreeSet<>(classes);
            boolean refused = false;
            for (RolloutEvent answer : answers) {
                silent.remove(answer.getDeviceClass());
                refused |= tell(answer);
            }
            if (!silent.isEmpty()) {
                String who = answers.isEmpty() ? "no job answered" : "classes " + String.join(", ", silent) + " did not answer";
                spec.commandLine().getErr().println(spec.qualifiedName() + ": " + who + " within " + timeout.toSeconds() + " s; command "
                        + command.getCommandId() + " stays in " + Topic.ROLLOUT_COMMANDS.topicName()
                        + " and is followed when the job resumes; 'rollout "
                        + (FleetCommands.isForFleet(command) ? "list" : "show " + command.getDeviceClass()) + "' will tell");
                return NO_ANSWER;
            }
            return refused ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        }

        private boolean tell(RolloutEvent answer) {
            boolean refused = answer.getDecision() == RolloutDecision.REFUSE;
            if (json) {
                spec.commandLine().getOut().println(RolloutJson.event(answer).toPrettyString());
            } else if (refused) {
                spec.commandLine().getErr().println(spec.qualifiedName() + ": the job refused: " + answer.getReason());
            } else {
                String holds = RolloutText.holds(answer);
                spec.commandLine().getOut().println(answer.getDecision() + " " + answer.getDeviceClass() + ": epoch " + answer.getEpoch()
                        + ", " + RolloutText.stage(answer) + (holds.isEmpty() ? "" : ", " + holds) + "; by " + answer.getActor() + ": "
                        + answer.getReason());
            }
            return refused;
        }
    }
}
