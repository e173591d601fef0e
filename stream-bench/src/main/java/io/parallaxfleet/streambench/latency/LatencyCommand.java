package io.parallaxfleet.streambench.latency;

import io.parallaxfleet.dashboards.DashboardOptions;
import io.parallaxfleet.dashboards.DashboardServer;
import io.parallaxfleet.job.CheckpointOptions;
import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.streambench.fleet.BenchFleet;
import io.parallaxfleet.streambench.fleet.FleetWriter;
import io.parallaxfleet.streambench.latency.Arrivals.Spread;
import io.parallaxfleet.streambench.process.LiveSystem;
import io.parallaxfleet.streambench.process.WorkingDirectory;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long a window's results take to readers. A window is closed when event time has passed its end by the out-of-orderness that it
 * waits for; the devices' clock being this machine's, that is a moment of it, and the time from there is what is measured: through
 * Kafka, the job's operators, its next checkpoint, the transaction's commit, and to a reader of committed records or the event stream
 * of a dashboard.
 */
@Command(name = "latency", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false, description = {
        "Measures how long after its close a window's aggregates are with a reader of committed records, and on the page: a simulated",
        "fleet that sends inferences as they end, a real broker, the job with its default options, a dashboard. Exit code 1 above",
        "2 s and 3 s in the 99th percentile."})
public final class LatencyCommand implements Callable<Integer> {
    // By the job's default.
    private static final long WAIT_MILLIS =
            JobOptions.defaults("localhost:1", URI.create("http://localhost:2")).outOfOrderness().toMillis();
    private static final long AGGREGATE_BOUND_MILLIS = 2_000;
    private static final long PAGE_BOUND_MILLIS = 3_000;

    @Option(names = "--devices", description = "simulated devices, an inference of 40 to 60 branches a second each")
    private int devices = 1_000;

    @Option(names = "--turns", description = "times that all is started anew; windows and checkpoints keep step within one")
    private int turns = 3;

    @Option(names = "--warm-up", description = "seconds of each turn that are not measured")
    private int warmUpSeconds = 30;

    @Option(names = "--seconds", description = "how long each turn measures then")
    private int seconds = 60;

    @Option(names = "--parallelism", description = "of the job")
    private int parallelism = 2;

    @Option(names = "--checkpoint-millis", description = "time between two checkpoints of the job")
    private long checkpointMillis = CheckpointOptions.defaults().interval().toMillis();

    @Option(names = "--directory", description = "where data and logs go; by default a temporary one that is deleted")
    private Path directory;

    private final PrintStream out;

    public LatencyCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws Exception {
        if (devices < 1 || seconds < 1 || parallelism < 1 || turns < 1 || warmUpSeconds < 0) {
            throw new IllegalArgumentException("--devices " + devices + ", --seconds " + seconds + ", --parallelism " + parallelism
                    + " and --turns " + turns + " must be above 0");
        }
        return WorkingDirectory.with(Optional.ofNullable(directory), "stream-bench-latency-", this::run);
    }

    private int run(Path where) throws Exception {
        say("%,d simulated devices, an inference a second each", devices);
        Arrivals aggregates = new Arrivals();
        Arrivals points = new Arrivals();
        boolean within = true;
        for (int turn = 1; turn <= turns; turn++) {
            within &= turn(turn, Files.createDirectories(where.resolve("turn-" + turn)), aggregates, points);
        }
        if (turns > 1) {
            say("all turns");
            table(aggregates.spread(), points.spread());
        }
        say("%swithin 2 s and 3 s in the 99th percentile of every turn", within ? "" : "NOT ");
        return within ? 0 : 1;
    }

    private boolean turn(int turn, Path where, Arrivals allAggregates, Arrivals allPoints) throws Exception {
        try (LiveSystem system = LiveSystem.start("hashmap", parallelism, Duration.ofMillis(checkpointMillis), "2g", where);
                DashboardServer page = DashboardServer.start(DashboardOptions.local(system.bootstrap(), system.registry(), 0));
                FleetWriter writer = new FleetWriter(system.bootstrap(), system.registry())) {
            long start = System.currentTimeMillis();
            BenchFleet fleet = new BenchFleet(start, devices);
            writer.plans(fleet.plans());
            Arrivals aggregates = new Arrivals();
            Arrivals points = new Arrivals();
            try (AggregateReader reader = new AggregateReader(system.bootstrap(), system.registry(), aggregates);
                    PageReader pageReader = new PageReader(page.uri(), points);
                    PacedFleet paced = new PacedFleet(fleet, writer)) {
                Thread.sleep(1_000L * warmUpSeconds);
                paced.latestMillis();
                for (int left = seconds; left > 0; left--) {
                    Thread.sleep(1_000);
                    paced.sent();
                }
                // What closed in the last seconds is still on its way.
                Thread.sleep(PAGE_BOUND_MILLIS);
                JobOptions options = JobOptions.defaults(system.bootstrap(), system.registry());
                say("turn %d: %,d inferences sent, at worst %d ms after they ended; windows of %d s that wait %d ms for late records, "
                                + "checkpoints every %d ms, %s", turn, paced.sent(), paced.latestMillis(), options.window().toSeconds(),
                        options.outOfOrderness().toMillis(), checkpointMillis, options.checkpoints().delivery());
            }
            long from = start + 1_000L * warmUpSeconds;
            return judge(aggregates.from(from, allAggregates), points.from(from, allPoints));
        }
    }

    private boolean judge(Spread aggregates, Spread points) {
        table(aggregates, points);
        return aggregates.count() > 0 && aggregates.less(WAIT_MILLIS).p99() < AGGREGATE_BOUND_MILLIS
                && points.count() > 0 && points.less(WAIT_MILLIS).p99() < PAGE_BOUND_MILLIS;
    }

    private void table(Spread aggregates, Spread points) {
        say("%-44s %9s %7s %7s %7s %7s", "ms", "results", "p50", "p90", "p99", "max");
        line("aggregate, after its window's close", aggregates.less(WAIT_MILLIS));
        line("aggregate, after its window's end", aggregates);
        line("window on the page, after its close", points.less(WAIT_MILLIS));
        line("window on the page, after its end", points);
    }

    private void line(String what, Spread spread) {
        say("%-44s %,9d %,7d %,7d %,7d %,7d", what, spread.count(), spread.p50(), spread.p90(), spread.p99(), spread.max());
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
