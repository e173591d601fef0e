package io.parallaxfleet.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.graph.OnnxFixture;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SharedArenaTest {
    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    private float run(SharedArena.Lease arena) throws OrtException {
        Path file = new OnnxFixture().input("x", "rows", "4").node("Relu", List.of("x"), List.of("a"))
                .node("Neg", List.of("a"), List.of("y")).output("y").write(folder.resolve("relu.onnx"));
        SessionSettings settings = SessionSettings.of(1, SessionSettings.Spinning.OFF).withTensorsOneByOne();
        try (OrtSession session = OrtSessions.open(environment, file, settings, arena);
                OnnxTensor x = OnnxTensor.createTensor(environment, new float[][] {{1, -2, 3, 4}});
                OrtSession.Result result = session.run(Map.of("x", x))) {
            return ((float[][]) result.get(0).getValue())[0][2];
        }
    }

    @Test
    @DisplayName("sessions with a lease run as others do")
    void runs() throws OrtException {
        try (SharedArena.Lease first = SharedArena.lease(environment);
                SharedArena.Lease second = SharedArena.lease(environment)) {
            assertInstanceOf(SharedArena.Shared.class, first);
            assertInstanceOf(SharedArena.Shared.class, second);
            assertEquals(-3, run(first));
            assertEquals(-3, run(second));
        }
    }

    @Test
    @DisplayName("after the last lease there can be a first one again, and closing one twice ends it once")
    void again() throws OrtException {
        for (int round = 0; round < 3; round++) {
            SharedArena.Lease first = SharedArena.lease(environment);
            SharedArena.Lease second = SharedArena.lease(environment);
            first.close();
            first.close();
            assertEquals(-3, run(second));
            second.close();
        }
        try (SharedArena.Lease last = SharedArena.lease(environment)) {
            assertInstanceOf(SharedArena.Shared.class, last);
        }
    }

    @Test
    @DisplayName("a session outlives its lease without harm: it holds the arena itself")
    void outlives() throws OrtException {
        SharedArena.Lease lease = SharedArena.lease(environment);
        Path file = new OnnxFixture().input("x", "rows", "4").node("Relu", List.of("x"), List.of("y")).output("y")
                .write(folder.resolve("outlives.onnx"));
        SessionSettings settings = SessionSettings.of(1, SessionSettings.Spinning.OFF).withTensorsOneByOne();
        try (OrtSession session = OrtSessions.open(environment, file, settings, lease)) {
            lease.close();
            try (OnnxTensor x = OnnxTensor.createTensor(environment, new float[][] {{1, -2, 3, 4}});
                    OrtSession.Result result = session.run(Map.of("x", x))) {
                assertEquals(3, ((float[][]) result.get(0).getValue())[0][2]);
            }
        }
    }
}
