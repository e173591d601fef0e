package io.parallaxfleet.quickstart;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.quickstart.rollout.ClassRollouts;
import io.parallaxfleet.quickstart.rollout.RolloutBook;
import io.parallaxfleet.quickstart.rollout.RolloutJson;
import io.parallaxfleet.quickstart.rollout.RolloutText;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.uplink.DurationText;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verbs of {@code parallax rollout} that ask the job to do something; each says who wants it and why. */
final class RolloutActions {
    /** Exit code when no job answered in time. */
    static final int NO_ANSWER = 3;

    private RolloutActions() {}

    /** What all of them have in common: write the command, wait for the answer, say what it was. */
    @Command(mixinStandardHelpOptions = true, exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:done", "1:refused by the job, or not possible", "2:wrong arguments", "3:no job answered in time"})
    abstract static class Act implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConnectionOptions connection;

        @Parameters(paramLabel = "CLASS", description = "Device class, as 'rollout list' names it.")
        private String deviceClass;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it is kept with the decision.")
        private String reason;

        @Option(names = "--by", paramLabel = "NAME", defaultValue = "${user.name}", description = "Who (default: ${DEFAULT-VALUE}).")
        private String actor;

        @Option(names = "--timeout", paramLabel = "TIME", converter = DurationText.class, defaultValue = "60s",
                description = "How long to wait for the job's answer, which comes with its next checkpoint (default: ${DEFAULT-VALUE}).")
        private Duration timeout;

        @Option(names = "--json", description = "Print the job's answer as JSON.")
        private boolean json;

        abstract RolloutAction action();

        /** Whether there must be a rollout under way for this to mean anything. */
        abstract boolean needsRollout();

        /** What to pin; only with {@link RolloutAction#PIN}. */
        Optional<PlanPolicy> thresholds(CommandSpec of) {
            return Optional.empty();
        }

        @Override
        public final Integer call() {
            if (deviceClass.isBlank() || reason.isBlank() || actor.isBlank()) {
                throw new CommandLine.ParameterException(spec.commandLine(), "CLASS, --reason and --by must not be blank");
            }
            Optional<PlanPolicy> thresholds = thresholds(spec);
            RolloutBook book = RolloutVerbs.book(connection);
            Optional<ClassRollouts> known = book.of(deviceClass);
            if (known.isEmpty()) {
                requireAnnounced(book);
            }
            Optional<String> rollout = known.flatMap(ClassRollouts::rolloutUnderWay);
            if (needsRollout() && rollout.isEmpty()) {
                throw new StartupException("class " + deviceClass + " has no rollout under way ("
                        + known.map(one -> one.status().text()).orElse("no rollout yet") + "); nothing was sent");
            }
            RolloutCommand command = RolloutCommand.newBuilder()
                    .setCommandId(UUID.randomUUID().toString())
                    .setAction(action())
                    .setDeviceClass(deviceClass)
                    .setSimulated(deviceClass.startsWith(DeviceIdentity.SIMULATED_PREFIX))
                    .setRolloutId(rollout.orElse(null))
                    .setThresholds(thresholds.orElse(null))
                    .setActor(actor)
                    .setReason(reason)
                    .setTimestamp(Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS))
                    .build();
            Optional<RolloutEvent> answer = new RolloutDesk(connection.clientSettings(), connection.registry()).ask(command, timeout);
            return answer.isPresent() ? tell(answer.get()) : tellSilence(command);
        }

        private void requireAnnounced(RolloutBook book) {
            TreeSet<String> announced = new TreeSet<>(book.names());
            TopicSnapshot.forEach(connection.clientSettings(), connection.registry(), Topic.DEVICES, DeviceProfile.class,
                    profile -> announced.add(profile.getDeviceClass()));
            if (!announced.contains(deviceClass)) {
                throw new StartupException("no device of class '" + deviceClass + "' has announced itself; known classes: "
                        + (announced.isEmpty() ? "none" : String.join(", ", announced)) + "; nothing was sent");
            }
        }

        private int tell(RolloutEvent answer) {
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
            return refused ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        }

        private int tellSilence(RolloutCommand command) {
            spec.commandLine().getErr().println(spec.qualifiedName() + ": no job answered within " + timeout.toSeconds() + " s; command "
                    + command.getCommandId() + " stays in " + Topic.ROLLOUT_COMMANDS.topicName() + " and is followed when the job resumes;"
                    + " 'rollout show " + deviceClass + "' will tell");
            return NO_ANSWER;
        }
    }

    @Command(name = "pause", description = "Keeps a rollout in its stage; harm is still taken back.")
    static final class Pause extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.PAUSE;
        }

        @Override
        boolean needsRollout() {
            return true;
        }
    }

    @Command(name = "resume", description = "Lets a paused rollout decide again.")
    static final class Resume extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.RESUME;
        }

        @Override
        boolean needsRollout() {
            return true;
        }
    }

    @Command(name = "promote", description = "Takes a rollout to its next stage now, whatever was measured.")
    static final class Promote extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.PROMOTE;
        }

        @Override
        boolean needsRollout() {
            return true;
        }
    }

    @Command(name = "abort", description = "Takes a rollout back: a new epoch restores the thresholds before.")
    static final class Abort extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.ABORT;
        }

        @Override
        boolean needsRollout() {
            return true;
        }
    }

    @Command(name = "pin", description = "Puts thresholds in force for the whole class and starts no rollout of it until 'unpin'.")
    static final class Pin extends Act {
        @Option(names = "--thresholds", paramLabel = "TEXT",
                description = "N=3,F=1e9,B/F=0.1 (parts left out keep the paper's value), 'never' or 'paper'; without it those in force.")
        private String thresholds;

        @Override
        RolloutAction action() {
            return RolloutAction.PIN;
        }

        @Override
        boolean needsRollout() {
            return false;
        }

        @Override
        Optional<PlanPolicy> thresholds(CommandSpec of) {
            if (thresholds == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(policy(ThresholdText.parse(thresholds)));
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(of.commandLine(), "--thresholds: " + e.getMessage(), e);
            }
        }

        private static PlanPolicy policy(DelegationPolicy policy) {
            if (policy instanceof DelegationPolicy.Thresholds given) {
                return new PlanPolicy(DelegationMode.THRESHOLDS, given.minOperators(), given.minMacs(), given.maxBytesPerMac());
            }
            if (policy instanceof DelegationPolicy.Never) {
                return new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0);
            }
            throw new IllegalArgumentException("only thresholds and never can be pinned, not " + policy.describe());
        }
    }

    @Command(name = "unpin", description = "Lets rollouts of a pinned class start again.")
    static final class Unpin extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.UNPIN;
        }

        @Override
        boolean needsRollout() {
            return false;
        }
    }

    @Command(name = "release", description = "Lets a class go on that was frozen because several regressed together.")
    static final class Release extends Act {
        @Override
        RolloutAction action() {
            return RolloutAction.RELEASE;
        }

        @Override
        boolean needsRollout() {
            return false;
        }
    }
}
