package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.streambench.fleet.FleetWriter;
import io.parallaxfleet.streambench.process.LiveOptions;
import io.parallaxfleet.streambench.process.LiveSystem;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a large fleet costs the job, in state, heap and time. */
@Command(name = "scale", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false, description = {
        "Sends a few inferences of each of many simulated devices of one class through a real broker and the job, a quarter of them under",
        "the thresholds of a staged rollout, takes a savepoint while the windows are open, and reads from it what the job keeps of each",
        "device and of each (class, model, branch) key. Exit code 1 above 300 bytes a device or 4 KiB a key."})
public final class ScaleCommand implements Callable<Integer> {
    private static final String CLASS = "sim-scale";
    private static final int MEMBERS_PER_MILLE = 250;

    @Option(names = "--devices", description = "simulated devices")
    private int devices = 1_000_000;

    @Option(names = "--before", description = "inferences of each before the rollout's stage")
    private int before = 2;

    @Option(names = "--during", description = "inferences of each while the stage lasts")
    private int during = 2;

    @Option(names = "--models", description = "models that each device runs in turn")
    private int models = 1;

    @Mixin
    private final LiveOptions live = new LiveOptions(10_000);

    private final PrintStream out;

    public ScaleCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws Exception {
        if (devices < 1 || before < 1 || during < 1 || models < 1 || models > 5) {
            throw new IllegalArgumentException("--devices " + devices + ", --before " + before + " and --during " + during
                    + " must be above 0, --models " + models + " in 1..5");
        }
        return live.in("stream-bench-scale-", this::run);
    }

    private int run(Path where) throws Exception {
        try (LiveSystem system = live.start(where);
                FleetWriter writer = new FleetWriter(system.bootstrap(), system.registry());
                JobProgress progress = new JobProgress(system.bootstrap());
                JobWatch watch = new JobWatch(system.job())) {
            Crowd crowd = new Crowd(CLASS, models);
            CrowdDriver driver = new CrowdDriver(crowd, writer);
            writer.plans(crowd.plans(0));
            say("%,d simulated devices of one class, state in %s; heap in use before: %.0f MiB", devices, live.backend(), watch.number("heap") / (1 << 20));
            for (int round = 0; round < before + during; round++) {
                if (round == before) {
                    progress.awaitAll();
                    driver.beginTrial(1, MEMBERS_PER_MILLE);
                }
                long begun = System.nanoTime();
                driver.round("sim-device", devices, round, 1);
                progress.awaitAll();
                say("inference %d of each device%s: %,.1f s until the job had all of it in a checkpoint", round + 1,
                        round < before ? "" : ", a quarter under a rollout's thresholds", (System.nanoTime() - begun) / 1e9);
            }
            return report(system, watch, where);
        }
    }

    private int report(LiveSystem system, JobWatch watch, Path where) throws Exception {
        long begun = System.nanoTime();
        Path savepoint = watch.savepoint("CANONICAL", where);
        say("savepoint in %.1f s; heap in use %.0f MiB; longest look of a task at all its devices %.0f ms, of which it held records up for "
                        + "%.0f ms at once", (System.nanoTime() - begun) / 1e9, watch.number("heap") / (1 << 20),
                watch.longestLookMillis(), watch.longestStepMillis());
        StateReport report = new StateReport(out);
        boolean within = report.print(savepoint, JobOptions.defaults(system.bootstrap(), system.registry()));
        if (live.backend().equals("rocksdb")) {
            say("the same as RocksDB keeps it:");
            report.operators(OperatorBytes.of(watch.savepoint("NATIVE", where)));
        }
        return within ? 0 : 1;
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
