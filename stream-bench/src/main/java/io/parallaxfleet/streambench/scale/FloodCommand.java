package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.streambench.fleet.FleetWriter;
import io.parallaxfleet.streambench.process.LiveOptions;
import io.parallaxfleet.streambench.process.LiveSystem;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a flood of made-up devices does to the job and to what it believes. */
@Command(name = "flood", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false, description = {
        "Lets a small simulated fleet report until its class has a cost model, then sends one inference each of many device ids that",
        "nobody has heard of, with times a thousand times too long, through a real broker and the job. Exit code 1 unless every inference",
        "is counted once, the cost model keeps within its intervals, and the state within its bounds."})
public final class FloodCommand implements Callable<Integer> {
    private static final String CLASS = "sim-flood";
    private static final int MODELS = 3;
    private static final double LIE = 1000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long WAIT_MILLIS = 5_000;

    @Option(names = "--devices", description = "made-up device ids")
    private int devices = 1_000_000;

    @Option(names = "--calm", description = "seconds that the class has to itself before, and half of them after")
    private int calm = 60;

    @Mixin
    private final LiveOptions live = new LiveOptions(5_000);

    private final PrintStream out;

    public FloodCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws Exception {
        if (devices < 1 || calm < 1) {
            throw new IllegalArgumentException("--devices " + devices + " and --calm " + calm + " must be above 0");
        }
        return live.in("stream-bench-flood-", this::run);
    }

    private int run(Path where) throws Exception {
        try (LiveSystem system = live.start(where);
                FleetWriter writer = new FleetWriter(system.bootstrap(), system.registry());
                JobProgress progress = new JobProgress(system.bootstrap());
                CommittedCount committed = new CommittedCount(system.bootstrap(), system.registry(), CLASS);
                JobWatch watch = new JobWatch(system.job())) {
            Crowd crowd = new Crowd(CLASS, MODELS);
            writer.plans(crowd.plans(0));
            CostModelEstimate before;
            Path savepoint;
            long sent;
            try (HonestFleet honest = new HonestFleet(crowd, writer)) {
                before = calm(watch, where);
                say("%d simulated devices have a cost model; heap in use %.0f MiB", HonestFleet.DEVICES, watch.number("heap") / (1 << 20));
                long begun = System.nanoTime();
                new CrowdDriver(crowd, writer).round("sim-made-up", devices, 0, LIE);
                progress.awaitAll();
                say("%,d made-up ids, one inference each with times %.0f-fold: in a checkpoint after %.1f s", devices, LIE,
                        (System.nanoTime() - begun) / 1e9);
                Thread.sleep(Duration.ofSeconds(calm).toMillis() / 2);
                savepoint = watch.savepoint("CANONICAL", where);
                honest.close();
                sent = honest.sent() + devices;
            }
            say("heap in use %.0f MiB; of what the fit was shown, %,.0f inferences were of devices on probation and %,.0f of quarantined ones",
                    watch.number("heap") / (1 << 20), watch.number("sum inferencesOfDevicesOnProbation"),
                    watch.number("sum inferencesOfQuarantinedDevices"));
            boolean counted = count(writer, committed, sent);
            boolean unmoved = compare(before, FittedClass.at(savepoint, CLASS).orElseThrow());
            boolean within = new StateReport(out).print(savepoint, JobOptions.defaults(system.bootstrap(), system.registry()));
            return counted && unmoved && within ? 0 : 1;
        }
    }

    private CostModelEstimate calm(JobWatch watch, Path where) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Thread.sleep(Duration.ofSeconds(calm).toMillis());
            Optional<CostModelEstimate> fitted = FittedClass.at(watch.savepoint("CANONICAL", where), CLASS);
            if (fitted.isPresent()) {
                return fitted.get();
            }
        }
        throw new IOException("the class had no cost model after " + PATIENCE);
    }

    // Event time must pass the last window's end: another class sees to it.
    private boolean count(FleetWriter writer, CommittedCount committed, long sent) throws InterruptedException {
        Crowd closers = new Crowd("sim-closer", 1);
        SplittableRandom random = new SplittableRandom(1);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long round = 0;
        while (committed.inferences() < sent && System.nanoTime() < deadline) {
            for (int device = 0; device < HonestFleet.DEVICES; device++) {
                writer.inference(closers.inference("sim-closer-" + device, round, System.currentTimeMillis(), 0, false, 1, random));
            }
            round++;
        }
        // What would be counted twice comes now.
        Thread.sleep(WAIT_MILLIS);
        long counted = committed.inferences();
        say("%,d inferences sent, %,d counted in committed windows, of up to about %,d devices", sent, counted, committed.mostDevices());
        return counted == sent;
    }

    private boolean compare(CostModelEstimate before, CostModelEstimate after) {
        boolean unmoved = compare("CPU, s/MAC", before.getCpuSecondsPerMac(), after.getCpuSecondsPerMac());
        unmoved &= compare("dispatch, s", before.getDispatchSeconds(), after.getDispatchSeconds());
        unmoved &= compare("accelerator, s/MAC", before.getAcceleratorSecondsPerMac(), after.getAcceleratorSecondsPerMac());
        unmoved &= compare("transfer, s/B", before.getSecondsPerByte(), after.getSecondsPerByte());
        say(unmoved ? "the cost model kept within its intervals" : "the cost model MOVED beyond its intervals");
        return unmoved;
    }

    // Both intervals are of 95 %: two honest fits may lie a little outside of one of them, not apart.
    private boolean compare(String term, Interval before, Interval after) {
        say("  %-20s before %9.3g (%9.3g..%9.3g)   after %9.3g (%9.3g..%9.3g)", term, before.getValue(), before.getLow(), before.getHigh(),
                after.getValue(), after.getLow(), after.getHigh());
        return after.getLow() <= before.getHigh() && before.getLow() <= after.getHigh();
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
