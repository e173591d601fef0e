package io.parallaxfleet.streambench;

import io.parallaxfleet.streambench.fleet.BenchFleet;
import io.parallaxfleet.streambench.latency.LatencyCommand;
import io.parallaxfleet.streambench.process.BrokerProcess;
import io.parallaxfleet.streambench.process.Worker;
import io.parallaxfleet.streambench.process.WorkingDirectory;
import io.parallaxfleet.streambench.scale.FloodCommand;
import io.parallaxfleet.streambench.scale.ScaleCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/**
 * Drains one topic of simulated telemetry in turns: by the fleet job on heap and on RocksDB state, by Flink SQL, by Kafka Streams,
 * and by bare consumers. Each is a process of its own and so is the broker; one runs at a time, after turns to warm up.
 */
@Command(name = "stream-bench", mixinStandardHelpOptions = true, showDefaultValues = true,
        description = "Drains one topic of simulated telemetry with the fleet job, Flink SQL, Kafka Streams and bare consumers in turns.")
public final class StreamBench implements Callable<Integer> {
    private static final List<String> FAST = List.of("bare", "job", "job-rocksdb");
    private static final List<String> SLOW = List.of("sql", "streams");
    // Records must not be older than a week, nor in the future.
    private static final long MARGIN_MILLIS = 60_000;

    @Option(names = "--samples", description = "branch samples in the topic")
    private long samples = 50_000_000;

    @Option(names = "--share", description = "branch samples that the slower contenders drain, and on which all must agree")
    private long share = 2_500_000;

    @Option(names = "--turns", description = "measured turns of each; the median counts")
    private int turns = 3;

    @Option(names = "--warm-ups", description = "turns of each before the measured ones: virtual machines compile what runs often, and "
            + "jobs run for weeks")
    private int warmUps = 3;

    @Option(names = "--contenders", split = ",", paramLabel = "NAME", description = "who takes part: ${DEFAULT-VALUE} unless told")
    private List<String> contenders = Stream.concat(FAST.stream(), SLOW.stream()).toList();

    @Option(names = "--directory", description = "where data and logs go; by default a temporary one that is deleted")
    private Path directory;

    private final PrintStream out;

    StreamBench(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(System.out, arguments));
    }

    /** @param arguments the launcher's, which begin with the verb, or the options alone */
    static int run(PrintStream out, String... arguments) {
        boolean verb = arguments.length > 0 && arguments[0].equals("stream-bench");
        return new CommandLine(new StreamBench(out))
                .addSubcommand(new LatencyCommand(out))
                .addSubcommand(new ScaleCommand(out))
                .addSubcommand(new FloodCommand(out))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    out.println("stream-bench: " + failure.getMessage());
                    return command.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(verb ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
    }

    @Override
    public Integer call() throws Exception {
        if (samples < 1 || share < 1 || share > samples || turns < 1 || warmUps < 0) {
            throw new IllegalArgumentException("--samples " + samples + ", --share " + share + " and --turns " + turns
                    + " must be above 0, --warm-ups " + warmUps + " not below, and the share no more than all samples");
        }
        for (String name : contenders) {
            if (!FAST.contains(name) && !SLOW.contains(name)) {
                throw new IllegalArgumentException("--contenders names " + name + "; there are " + String.join(", ", FAST) + ", "
                        + String.join(", ", SLOW));
            }
        }
        return WorkingDirectory.with(Optional.ofNullable(directory), "stream-bench-", this::run);
    }

    private int run(Path directory) throws IOException, InterruptedException, ExecutionException {
        List<String> fast = FAST.stream().filter(contenders::contains).toList();
        List<String> slow = SLOW.stream().filter(contenders::contains).toList();
        long span = samples / BenchFleet.MIN_BRANCHES * 1000 / BenchFleet.DEVICES;
        long start = System.currentTimeMillis() - MARGIN_MILLIS - span;
        try (Worker broker = Worker.start("broker", BrokerProcess.class, List.of(directory.resolve("kafka").toString()), jar -> false,
                "1g", directory)) {
            Contest contest = new Contest(broker, start, directory, out);
            try {
                Loader.Loaded all = contest.load("bench.all", samples);
                Loader.Loaded part = contest.load("bench.share", share);
                // Who only reads has no aggregates to hold against the reference.
                contest.agree(part, Stream.concat(fast.stream(), slow.stream()).filter(name -> !name.equals("bare")).toList());
                contest.measure(all, fast, part, slow, warmUps, turns);
                for (String name : fast) {
                    if (name.startsWith("job")) {
                        contest.profile(all, name);
                    }
                }
                contest.report();
                return 0;
            } finally {
                contest.close();
            }
        }
    }
}
