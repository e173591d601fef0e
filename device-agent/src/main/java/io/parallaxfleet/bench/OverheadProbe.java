package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.OneThreadRun;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.engine.RunResult;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.Arrays;

/**
 * What the engine itself costs in the steady state, beside the kernels that it runs.
 *
 * @param plan the plan that ran
 * @param ownBytes Java heap that a run takes beyond {@code runtimeBytes}, all threads together
 * @param runtimeBytes what ONNX Runtime's Java API takes to run the same sessions on the same tensors
 * @param latencyNanos median, back to back
 * @param outsideNanos median of the time of a run in which no kernel was at work
 * @param oneThreadNanos median of the same steps on one thread, in turns with the engine
 * @param loss where the thread time beyond that of one thread goes
 */
record OverheadProbe(
        EnginePlan plan, int threads, double ownBytes, double runtimeBytes, long latencyNanos, long outsideNanos, long oneThreadNanos,
        ThreadTimeLoss loss) {
    /** Of the run and of its kernels alone: what is allocated still changes while the JVM compiles. */
    private static final int WARM_UP_RUNS = WarmUp.steady().sharedRuns();
    private static final int TURNS = 4;

    /** Runs the engine as the options say, and its plan on one thread. */
    static OverheadProbe measure(PreparedModel model, EngineOptions options, int runs) {
        RunResult result = new RunResult();
        try (ModelInputs inputs = ModelInputs.of(model);
                ParallaxEngine engine = ParallaxEngine.load(model, options);
                OneThreadRun oneThread = OneThreadRun.open(model, options, engine.plan())) {
            Runnable run = () -> engine.run(inputs.tensors(), result);
            Runnable kernels = engine::repeatKernels;
            for (int warmUp = 0; warmUp < WARM_UP_RUNS; warmUp++) {
                run.run();
                kernels.run();
            }
            double own = AllocatedBytes.beyond(runs, run, kernels);
            double runtime = AllocatedBytes.ofOneRun(runs, kernels);
            int steps = engine.plan().steps().size();
            long[][] together = new long[steps][TURNS * runs];
            long[][] alone = new long[steps][TURNS * runs];
            long[] latency = new long[TURNS * runs];
            long[] outside = new long[TURNS * runs];
            long[] onOne = new long[TURNS * runs];
            for (int turn = 0; turn < TURNS; turn++) {
                Pacing.pause(Pacing.SETTLING);
                run.run();
                for (int i = turn * runs; i < (turn + 1) * runs; i++) {
                    run.run();
                    latency[i] = result.latencyNanos();
                    outside[i] = result.outsideKernelsNanos();
                    note(result, together, i);
                }
                Pacing.pause(Pacing.SETTLING);
                oneThread.run(inputs.tensors(), result);
                for (int i = turn * runs; i < (turn + 1) * runs; i++) {
                    oneThread.run(inputs.tensors(), result);
                    onOne[i] = result.latencyNanos();
                    note(result, alone, i);
                }
            }
            long typical = median(latency);
            long typicallyOutside = median(outside);
            return new OverheadProbe(engine.plan(), options.threads(), own, runtime, typical, typicallyOutside, median(onOne),
                    ThreadTimeLoss.of(engine.plan().steps(), options.threads(), medians(together), medians(alone), typical,
                            typicallyOutside));
        }
    }

    private static void note(RunResult result, long[][] steps, int run) {
        for (int step = 0; step < steps.length; step++) {
            steps[step][run] = result.kernelNanos(step);
        }
    }

    private static long[] medians(long[][] steps) {
        return Arrays.stream(steps).mapToLong(OverheadProbe::median).toArray();
    }

    /** T1 / (p Tp). */
    double efficiency() {
        return (double) oneThreadNanos / (threads * (double) latencyNanos);
    }

    double outsideShare() {
        return (double) outsideNanos / latencyNanos;
    }

    private static long median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }
}
