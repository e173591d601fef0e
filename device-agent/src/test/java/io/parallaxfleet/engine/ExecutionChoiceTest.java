package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExecutionChoiceTest {
    @TempDir
    static Path cache;

    @ParameterizedTest
    @EnumSource(Spinning.class)
    @DisplayName("where nothing can be measured, one session serves, whose threads spin as long as they may, as ONNX Runtime's own do")
    void withoutRoomForATrial(Spinning allowed) {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve("squeezenet1_1", cache), Map.of(), cache);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withSpinning(allowed);

        CpuExecution chosen = new ExecutionChoice(model, options, OrtEnvironment.getEnvironment(), 0).choose();

        assertEquals(new CpuExecution(new SideBySide.Nowhere(), 2, allowed, false), chosen);
    }
}
