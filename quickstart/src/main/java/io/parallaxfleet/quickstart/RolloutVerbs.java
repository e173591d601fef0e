package io.parallaxfleet.quickstart;

import io.parallaxfleet.quickstart.rollout.AckTally;
import io.parallaxfleet.quickstart.rollout.ClassRollouts;
import io.parallaxfleet.quickstart.rollout.RolloutBook;
import io.parallaxfleet.quickstart.rollout.RolloutJson;
import io.parallaxfleet.quickstart.rollout.RolloutReport;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parallax rollout}: how the rollouts stand, and what people may do about them. */
@Command(name = "rollout", mixinStandardHelpOptions = true,
        description = "Shows the rollouts of device classes, and stops, speeds up or takes back one by hand.",
        subcommands = {RolloutVerbs.Listing.class, RolloutVerbs.Show.class, RolloutActions.Pause.class, RolloutActions.Resume.class,
            RolloutActions.Promote.class, RolloutActions.Abort.class, RolloutActions.Pin.class, RolloutActions.Unpin.class,
            RolloutActions.Release.class, RolloutActions.FreezeAll.class, RolloutActions.UnfreezeAll.class})
final class RolloutVerbs implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(),
                "say 'rollout list', 'rollout show CLASS' or what is to be done, e.g. 'rollout pause CLASS --reason TEXT'");
    }

    /** What the topics hold now. */
    static RolloutBook book(ConnectionOptions connection) {
        return new RolloutBook(
                TopicSnapshot.read(connection.clientSettings(), connection.registry(), Topic.ROLLOUTS, RolloutEvent.class),
                TopicSnapshot.read(connection.clientSettings(), connection.registry(), Topic.THRESHOLDS, ThresholdUpdate.class),
                TopicSnapshot.read(connection.clientSettings(), connection.registry(), Topic.ROLLOUT_COMMANDS, RolloutCommand.class));
    }

    private static AckTally acks(ConnectionOptions connection, RolloutBook book) {
        AckTally tally = new AckTally(book);
        TopicSnapshot.forEach(connection.clientSettings(), connection.registry(), Topic.THRESHOLD_ACKS, ThresholdAck.class, tally::add);
        return tally;
    }

    static StartupException unknown(String deviceClass, RolloutBook book) {
        return new StartupException("nothing is known of class '" + deviceClass + "'; known classes: "
                + (book.names().isEmpty() ? "none" : String.join(", ", book.names())));
    }

    @Command(name = "list", mixinStandardHelpOptions = true,
            description = "Lists every class with its stage, epoch, acknowledgements and the last decision.")
    static final class Listing implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConnectionOptions connection;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            RolloutBook book = book(connection);
            AckTally acks = acks(connection, book);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(RolloutJson.list(book, acks).toPrettyString());
            } else {
                RolloutReport.list(book, acks).forEach(out::println);
            }
            return 0;
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true,
            description = "Shows the history of a class with its evidence, and who asked for what.")
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConnectionOptions connection;

        @Parameters(paramLabel = "CLASS", description = "Device class, as 'rollout list' names it.")
        private String deviceClass;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            RolloutBook book = book(connection);
            ClassRollouts one = book.of(deviceClass).orElseThrow(() -> unknown(deviceClass, book));
            AckTally acks = acks(connection, book);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(RolloutJson.show(one, acks).toPrettyString());
            } else {
                RolloutReport.show(one, acks).forEach(out::println);
            }
            return 0;
        }
    }
}
