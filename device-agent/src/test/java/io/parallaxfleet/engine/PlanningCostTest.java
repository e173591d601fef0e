package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What planning costs on a model of more than a thousand operators, in time of this thread's CPU, which others on the machine hardly
 * change. {@code -Dparallax.planning.print=true} prints it, wall time too.
 */
class PlanningCostTest {
    private static final int OPERATORS = 1_000;
    /** Two sides of five, whose first product is the same on both, and what joins them. */
    private static final int OPERATORS_OF_A_FORK = 10;
    private static final int THREADS = 2;
    private static final OperatorSupport PRODUCTS = (graph, node) ->
            node.opType().endsWith("MatMul") && node.reads().allMatch(tensor -> graph.type(tensor).filter(TensorType::isStatic).isPresent());

    @TempDir
    static Path folder;

    private static PreparedModel model;

    @BeforeAll
    static void prepare() {
        ConditionalModels parts = new ConditionalModels(1);
        OnnxFixture fixture = new OnnxFixture().input("x", "128", "128").initializer(parts.weights("w"));
        String from = "x";
        for (int fork = 0; fork * OPERATORS_OF_A_FORK < OPERATORS + 100; fork++) {
            for (String side : new String[] {"left", "right"}) {
                String tensor = from;
                for (int link = 0; link < 5; link++) {
                    String next = side + fork + "." + link;
                    if (link % 2 == 0) {
                        fixture.node("MatMul", List.of(tensor, "w"), List.of(next));
                    } else {
                        // Equal sides would be computed once.
                        fixture.node(side.equals("left") ? "Tanh" : "Sigmoid", List.of(tensor), List.of(next));
                    }
                    tensor = next;
                }
            }
            fixture.node("Sub", List.of("left" + fork + ".4", "right" + fork + ".4"), List.of("join" + fork));
            from = "join" + fork;
        }
        Path file = fixture.output(from).write(folder.resolve("large.onnx"));
        model = ModelPreparation.prepare(new ModelSource("large", file, Map.of()), Map.of(), folder.resolve("cache"));
    }

    /** CPU nanoseconds of this thread. */
    private static long cost(String what, Runnable work) {
        LongSupplier cpuNanos = ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
        long wall = System.nanoTime();
        long cpu = cpuNanos.getAsLong();
        work.run();
        cpu = cpuNanos.getAsLong() - cpu;
        if (Boolean.getBoolean("parallax.planning.print")) {
            System.out.printf("%s, %d operators: %.3f ms of CPU, %.3f ms%n", what, model.graph().size(), cpu / 1e6,
                    (System.nanoTime() - wall) / 1e6);
        }
        return cpu;
    }

    private static EnginePlan plan(PlanCache cache, long epoch) {
        return cache.plan(model, PRODUCTS, DelegationPolicy.paper(), epoch, new SideBySide.ParallelLayers(), THREADS,
                StorageSharing.ACROSS_STEPS);
    }

    @Test
    void theFirstPlanTakesLessThanASecond() {
        assertTrue(model.graph().size() >= OPERATORS, model.graph().size() + " operators are left");
        // The first of them in a JVM that has planned nothing yet, where no other test came before.
        for (int trial = 0; trial < 5; trial++) {
            long nanos = cost("first plan", () -> plan(new PlanCache(1), 0));
            assertTrue(nanos < Duration.ofSeconds(1).toNanos(), nanos + " ns");
        }
    }

    @Test
    void aPlanSeenBeforeIsFoundWithinFiveMilliseconds() {
        PlanCache cache = new PlanCache(2);
        EnginePlan first = plan(cache, 1);
        long best = Long.MAX_VALUE;
        for (int trial = 0; trial < 5; trial++) {
            EnginePlan[] found = new EnginePlan[1];
            best = Math.min(best, cost("plan seen before", () -> found[0] = plan(cache, 2)));
            assertEquals(first.id(), found[0].id());
        }
        assertEquals(1, cache.made());
        assertTrue(best < Duration.ofMillis(5).toNanos(), best + " ns");
    }
}
