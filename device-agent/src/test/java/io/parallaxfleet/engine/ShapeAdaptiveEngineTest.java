package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.zoo.ModelSource;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ShapeAdaptiveEngineTest {
    private static final int WIDTH = 128;
    private static final DelegationPolicy NEVER = new DelegationPolicy.Never();

    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private ModelSource source;
    private ShapeAdaptiveEngine engine;

    @BeforeEach
    void load() {
        ConditionalModels parts = new ConditionalModels(1);
        OnnxFixture model = new OnnxFixture().input("x", "rows", Integer.toString(WIDTH));
        parts.fork(model, "x", "middle");
        parts.fork(model, "middle", "y");
        source = new ModelSource("rows", model.output("y").write(folder.resolve("rows.onnx")), Map.of());
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache"))
                .withThreads(2)
                .withExecution(Execution.SPLIT)
                .withPolicy(NEVER, 1);
        engine = ShapeAdaptiveEngine.load(source, Map.of("rows", 64L), options, 2);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private OnnxTensor rows(int rows) throws OrtException {
        Random random = new Random(rows);
        float[] values = new float[rows * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), new long[] {rows, WIDTH});
    }

    private ShapedRun run(int rows) throws OrtException {
        return engine.run(Map.of("x", rows(rows)));
    }

    private ShapedRun runUntilPlanned(int rows) throws OrtException, InterruptedException {
        run(rows);
        engine.awaitBuilt();
        return run(rows);
    }

    private float[] plain(int rows) throws OrtException {
        try (OrtSession session = OrtSessions.open(environment, source.path(), SessionSettings.of(1, SessionSettings.Spinning.OFF));
                OrtSession.Result result = session.run(Map.of("x", rows(rows)))) {
            return floats((OnnxTensor) result.get("y").orElseThrow());
        }
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Test
    void aNewShapeIsServedAtOnceAndByItsOwnPlanOnceThatIsBuilt() throws Exception {
        ShapedRun first = run(96);
        assertInstanceOf(ShapedRun.Unplanned.class, first);
        assertArrayEquals(plain(96), floats(first.outputs().get("y")), 1e-4f);

        engine.awaitBuilt();
        ShapedRun later = run(96);
        assertEquals("x:96x" + WIDTH, assertInstanceOf(ShapedRun.Planned.class, later).run().plan().shapeKey());
        assertArrayEquals(plain(96), floats(later.outputs().get("y")), 1e-4f);
    }

    @Test
    void theOldPlanServesItsOwnShapeWhileAnotherIsBuilt() throws Exception {
        run(96);
        assertInstanceOf(ShapedRun.Planned.class, run(64));
        engine.awaitBuilt();
        assertInstanceOf(ShapedRun.Planned.class, run(64));
    }

    @Test
    void changingBetweenLoadedShapesNeitherPlansNorBuilds() throws Exception {
        runUntilPlanned(96);
        ShapeCounts before = engine.counts();
        for (int change = 0; change < 10; change++) {
            assertInstanceOf(ShapedRun.Planned.class, run(change % 2 == 0 ? 64 : 96));
        }
        assertEquals(before, engine.counts());
    }

    @Test
    void aShapeThatGaveWayComesBackWithoutThePlanners() throws Exception {
        runUntilPlanned(96);
        runUntilPlanned(32);
        ShapeCounts before = engine.counts();
        assertEquals(1, before.evictions());

        assertInstanceOf(ShapedRun.Planned.class, runUntilPlanned(64));
        assertEquals(before.plansMade(), engine.counts().plansMade());
        assertEquals(before.plansFound() + 1, engine.counts().plansFound());
        assertEquals(before.builds() + 1, engine.counts().builds());
    }

    @Test
    void policiesReachEveryShapeAndOneThatWasInForceBeforeIsNotPlannedAgain() throws Exception {
        runUntilPlanned(96);
        engine.adopt(new DelegationPolicy.Thresholds(5, 1, 1), 2);
        assertEquals(2, assertInstanceOf(ShapedRun.Planned.class, run(96)).run().plan().policyEpoch());
        assertEquals(2, assertInstanceOf(ShapedRun.Planned.class, runUntilPlanned(32)).run().plan().policyEpoch());
        long made = engine.counts().plansMade();

        engine.adopt(NEVER, 3);
        assertEquals(3, assertInstanceOf(ShapedRun.Planned.class, run(96)).run().plan().policyEpoch());
        // Only the shape that was never planned under this policy.
        assertEquals(made + 1, engine.counts().plansMade());
    }

    @Test
    void shapesThatGiveWayGiveTheirMemoryBack() throws Exception {
        int[] shapes = {64, 512, 128, 256, 384};
        visit(shapes, 2);
        long settled = leastDirectBytes();
        visit(shapes, 6);
        assertTrue(engine.counts().evictions() > 30, engine.counts().toString());
        long later = leastDirectBytes();
        assertTrue(later < settled + (2 << 20), "direct buffers grew from " + settled + " to " + later);
    }

    private void visit(int[] shapes, int rounds) throws OrtException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            for (int rows : shapes) {
                runUntilPlanned(rows);
            }
        }
        // The two smallest shapes at last: the same are loaded whenever memory is read.
        runUntilPlanned(128);
        runUntilPlanned(64);
        run(64);
    }

    /** Direct buffers are given back some time after their owners are collected. */
    private static long leastDirectBytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int reading = 0; reading < 20; reading++) {
            System.gc();
            Thread.sleep(20);
            least = Math.min(least, ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum());
        }
        return least;
    }

    @Test
    void aShapeThatCannotBePlannedStaysWithTheOpenSession() throws Exception {
        assertEquals(0, floats(run(0).outputs().get("y")).length);
        engine.awaitBuilt();
        assertInstanceOf(ShapedRun.Unplanned.class, run(0));
        assertTrue(engine.refusals().get(Map.of("rows", 0L)).contains("rows"), engine.refusals().toString());
    }

    @Test
    void inputsThatTheModelDoesNotTakeAreNamed() throws OrtException {
        OnnxTensor narrow = OnnxTensor.createTensor(environment, FloatBuffer.allocate(8), new long[] {4, 2});
        for (Map<String, OnnxTensor> inputs : List.of(Map.<String, OnnxTensor>of(), Map.of("x", narrow))) {
            String message = assertThrows(IllegalArgumentException.class, () -> engine.run(inputs)).getMessage();
            assertTrue(message.contains("'x'"), message);
        }
    }

    @Test
    void aClosedEngineSaysSo() throws OrtException {
        engine.close();
        assertThrows(IllegalStateException.class, () -> run(64));
    }
}
