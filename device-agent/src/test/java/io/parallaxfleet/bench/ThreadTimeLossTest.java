package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadTimeLossTest {
    private static final int THREADS = 2;
    private static final long ALONE_NANOS = 1_000;
    private static final double ROUNDING = 1e-9;

    @TempDir
    static Path cache;

    private static EnginePlan splitPlan() {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve("yolov8n", cache), Map.of(), cache);
        try (ParallaxEngine engine = ParallaxEngine.load(
                model, EngineOptions.defaults(cache).withThreads(THREADS).withExecution(Execution.SPLIT))) {
            return engine.plan();
        }
    }

    @Test
    @DisplayName("what is lost in wide steps, by neighbours, waiting and outside kernels adds up to what the efficiency lacks")
    void addsUp() {
        EnginePlan plan = splitPlan();
        long[] alone = new long[plan.steps().size()];
        Arrays.fill(alone, ALONE_NANOS);
        long wide = plan.steps().stream().filter(step -> step.threads() == THREADS).count();
        long narrow = alone.length - wide;
        // Wide steps take 0.6 of their time alone, so that two threads spend 1.2; narrow ones 1.5 beside one another.
        long[] together = plan.steps().stream().mapToLong(step -> step.threads() == THREADS ? 600 : 1_500).toArray();
        long outside = 100;
        long waiting = 300;
        long latency = 600 * wide + 1_500 * narrow / THREADS + outside + waiting / THREADS;

        ThreadTimeLoss loss = ThreadTimeLoss.of(plan.steps(), THREADS, together, alone, latency, outside);

        double all = THREADS * (double) latency;
        assertEquals(200 * wide / all, loss.wideSteps(), ROUNDING);
        assertEquals(500 * narrow / all, loss.sideBySide(), ROUNDING);
        assertEquals(THREADS * outside / all, loss.outside(), ROUNDING);
        double efficiency = ALONE_NANOS * (double) plan.steps().stream().mapToInt(PlanStep::threads).count() / all;
        assertEquals(1 - efficiency, loss.wideSteps() + loss.sideBySide() + loss.waiting() + loss.outside(), ROUNDING);
    }
}
