package io.parallaxfleet.quickstart;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.quickstart.rollout.ClassRollouts;
import io.parallaxfleet.quickstart.rollout.RolloutBook;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.rollouts.FleetCommands;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.ThresholdText;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs of {@code parallax rollout} that ask the job to do something; each says who wants it and why. */
final class RolloutActions {
    private RolloutActions() {}

    /** A verb about one class. */
    abstract static class Act extends RolloutAsking {
        @Parameters(paramLabel = "CLASS", description = "Device class, as 'rollout list' names it.")
        private String deviceClass;

        abstract RolloutAction action();

        /** Whether there must be a rollout under way for this to mean anything. */
        abstract boolean needsRollout();

        /** What to pin; only with {@link RolloutAction#PIN}. */
        Optional<PlanPolicy> thresholds(CommandSpec of) {
            return Optional.empty();
        }

        @Override
        final int ask(Request request) {
            request.require("CLASS", deviceClass);
            Optional<PlanPolicy> thresholds = thresholds(request.spec());
            RolloutBook book = request.book();
            Optional<ClassRollouts> known = book.of(deviceClass);
            if (known.isEmpty()) {
                requireAnnounced(request, book);
            }
            Optional<String> rollout = known.flatMap(ClassRollouts::rolloutUnderWay);
            if (needsRollout() && rollout.isEmpty()) {
                throw new StartupException("class " + deviceClass + " has no rollout under way ("
                        + known.map(one -> one.status().text()).orElse("no rollout yet") + "); nothing was sent");
            }
            RolloutCommand command = request.command(action(), deviceClass, deviceClass.startsWith(DeviceIdentity.SIMULATED_PREFIX))
                    .setRolloutId(rollout.orElse(null))
                    .setThresholds(thresholds.orElse(null))
                    .build();
            return request.tell(command, request.answers(command, Set.of(deviceClass)), Set.of(deviceClass));
        }

        private void requireAnnounced(Request request, RolloutBook book) {
            TreeSet<String> announced = new TreeSet<>(book.names());
            request.forEachDevice(profile -> announced.add(profile.getDeviceClass()));
            if (!announced.contains(deviceClass)) {
                throw new StartupException("no device of class '" + deviceClass + "' has announced itself; known classes: "
                        + (announced.isEmpty() ? "none" : String.join(", ", announced)) + "; nothing was sent");
            }
        }
    }

    /** A verb about all classes. */
    abstract static class FleetAct extends RolloutAsking {
        private final RolloutAction action;

        FleetAct(RolloutAction action) {
            this.action = action;
        }

        @Override
        final int ask(Request request) {
            Set<String> classes = request.book().names();
            if (classes.isEmpty()) {
                throw new StartupException("no class has a rollout yet, so nobody would answer; nothing was sent");
            }
            RolloutCommand command = request.command(action, FleetCommands.FLEET, false).build();
            return request.tell(command, request.answers(command, classes), classes);
        }
    }

    @Command(name = "freeze", description = "Keeps every rollout of every class where it is, and starts none, until 'unfreeze'; harm is "
            + "still taken back.")
    static final class FreezeAll extends FleetAct {
        FreezeAll() {
            super(RolloutAction.FREEZE);
        }
    }

    @Command(name = "unfreeze", description = "Lets every class go on that is frozen, whoever froze it.")
    static final class UnfreezeAll extends FleetAct {
        UnfreezeAll() {
            super(RolloutAction.UNFREEZE);
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
