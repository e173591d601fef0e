package io.parallaxfleet.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.host.OwnMemory;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SharedWeightsTest {
    private static final int SIDE = 1024;
    private static final int PRODUCTS = 8;
    private static final long WEIGHT_BYTES = (long) PRODUCTS * SIDE * SIDE * Float.BYTES;
    private static final SessionSettings SETTINGS = SessionSettings.of(1, SessionSettings.Spinning.OFF);

    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    private static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / SIDE;
        }
        return values;
    }

    /** A chain of products whose last weights the caller of a run may replace. */
    private static Path products() {
        OnnxFixture model = new OnnxFixture().input("x", "1", Integer.toString(SIDE))
                .input("w" + (PRODUCTS - 1), ElementType.FLOAT.onnxCode(), Integer.toString(SIDE), Integer.toString(SIDE));
        String from = "x";
        for (int product = 0; product < PRODUCTS; product++) {
            model.initializer(OnnxFixture.floats("w" + product, List.of((long) SIDE, (long) SIDE), random(SIDE * SIDE, product)));
            model.node("MatMul", List.of(from, "w" + product), List.of("p" + product));
            model.node("Tanh", List.of("p" + product), List.of("t" + product));
            from = "t" + product;
        }
        return model.output(from).write(folder.resolve("products.onnx"));
    }

    private OrtSession open(SessionFactory sessions, Path file) {
        return OrtSessions.open(sessions, file, SETTINGS, new SharedArena.OwnArena("not asked for"));
    }

    private float[] run(OrtSession session) throws OrtException {
        try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(random(SIDE, 99)), new long[] {1, SIDE});
                OrtSession.Result result = session.run(Map.of("x", x))) {
            return ((float[][]) result.get(0).getValue())[0];
        }
    }

    /** Memory that this process has to itself, mapped files left out. */
    private static long anonymousBytes() throws IOException {
        NativeHeap.trim();
        return OwnMemory.anonymousBytes();
    }

    /** What the second and third session of a model take, each, when the first is open. */
    private long ofAFurtherSession(SessionFactory sessions, Path file) throws IOException, OrtException {
        List<OrtSession> open = new ArrayList<>(List.of(open(sessions, file)));
        run(open.get(0));
        long before = anonymousBytes();
        for (int further = 0; further < 2; further++) {
            open.add(open(sessions, file));
            run(open.get(open.size() - 1));
        }
        long taken = (anonymousBytes() - before) / 2;
        for (OrtSession session : open) {
            session.close();
        }
        return taken;
    }

    @Test
    @DisplayName("a further session takes no weights again, where one on its own takes all of them")
    void heldOnce() throws IOException, OrtException {
        Path file = products();
        long alone = ofAFurtherSession(SessionFactory.eachOnItsOwn(environment), file);
        try (SharedWeights weights = SharedWeights.open(environment)) {
            assertTrue(weights.shares());
            long shared = ofAFurtherSession(weights, file);
            assertTrue(alone > WEIGHT_BYTES / 2, "alone " + alone + " of " + WEIGHT_BYTES);
            // One of the eight may be replaced by the caller of a run, so that every session has its own.
            assertTrue(shared < WEIGHT_BYTES / 4, "shared " + shared + " of " + WEIGHT_BYTES);
        }
    }

    @Test
    @DisplayName("results are the same bit for bit, also of the session that outlives the others")
    void sameBits() throws OrtException {
        Path file = products();
        float[] alone;
        try (OrtSession session = open(SessionFactory.eachOnItsOwn(environment), file)) {
            alone = run(session);
        }
        try (SharedWeights weights = SharedWeights.open(environment);
                OrtSession last = open(weights, file)) {
            try (OrtSession first = open(weights, file)) {
                assertArrayEquals(alone, run(first));
            }
            assertArrayEquals(alone, run(last));
        }
    }

    @Test
    @DisplayName("what is given back is gone")
    void givenBack() throws IOException, OrtException {
        Path file = products();
        long before = anonymousBytes();
        for (int round = 0; round < 6; round++) {
            try (SharedWeights weights = SharedWeights.open(environment);
                    OrtSession session = open(weights, file)) {
                run(session);
            }
        }
        long grown = anonymousBytes() - before;
        // Less than two rounds of weights: the Java heap grows too.
        assertTrue(grown < 4 * WEIGHT_BYTES, "grew by " + grown);
        SharedWeights closed = SharedWeights.open(environment);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> open(closed, file));
    }

    @Test
    @DisplayName("a file is let go with the last of its sessions, while those of other files stay open")
    void fileAfterFile() throws IOException, OrtException {
        Path first = products();
        try (SharedWeights weights = SharedWeights.open(environment);
                OrtSession stays = open(weights, first)) {
            float[] before = run(stays);
            long held = directBytes();
            for (int shape = 0; shape < 4; shape++) {
                Path file = Files.copy(first, folder.resolve("shape-" + shape + ".onnx"));
                OrtSession one = open(weights, file);
                OrtSession other = open(weights, file);
                weights.close(one);
                assertArrayEquals(before, run(other));
                weights.close(other);
            }
            assertArrayEquals(before, run(stays));
            assertTrue(directBytes() - held < WEIGHT_BYTES / 2, directBytes() + " bytes in direct buffers, " + held + " before");
        }
    }

    /** After a collection, which gives back what nobody holds. */
    private static long directBytes() {
        System.gc();
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream().filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    }

    @Test
    @DisplayName("a model that ONNX Runtime refuses is named as without sharing")
    void refusal() {
        Path file = new OnnxFixture().input("x", "2").node("NoSuchOperator", List.of("x"), List.of("y")).output("y")
                .write(folder.resolve("unknown.onnx"));
        try (SharedWeights weights = SharedWeights.open(environment)) {
            String message = assertThrows(ModelFormatException.class, () -> open(weights, file)).getMessage();
            assertEquals(assertThrows(ModelFormatException.class, () -> open(SessionFactory.eachOnItsOwn(environment), file)).getMessage()
                    .contains("NoSuchOperator"), message.contains("NoSuchOperator"), message);
            assertTrue(message.contains("unknown.onnx"), message);
        }
    }
}
