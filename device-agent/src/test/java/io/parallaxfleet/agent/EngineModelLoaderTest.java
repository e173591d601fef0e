package io.parallaxfleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineModelLoaderTest {
    @TempDir
    static Path folder;

    private static String model() {
        return new OnnxFixture().input("x", "rows", "16").node("Relu", List.of("x"), List.of("a"))
                .node("Exp", List.of("a"), List.of("y")).output("y").write(folder.resolve("rows.onnx")).toString();
    }

    private static List<WorkModel> load(String model, String shapes) {
        return new EngineModelLoader(folder.resolve("cache"), Map.of(), Map.of(model, ShapeSeries.parse(shapes)), 1,
                new Objective.Latency(), false, Optional.empty()).load(model, PolicyInForce.builtIn(DelegationPolicy.paper()));
    }

    @Test
    void everyShapeRunsByAPlanOfItsOwnUnderTheModelsName() {
        List<WorkModel> loaded = load(model(), "x:2x16,7x16");
        assertEquals(List.of("x:2x16", "x:7x16"), loaded.stream().map(of -> of.plan().shapeKey()).toList());
        assertEquals(List.of("rows", "rows"), loaded.stream().map(of -> of.plan().model()).toList());
        assertEquals(List.of("rows x:2x16", "rows x:7x16"), loaded.stream().map(WorkModel::name).toList());
        assertNotEquals(loaded.get(0).plan().id(), loaded.get(1).plan().id());
        for (WorkModel of : loaded) {
            assertSame(of.plan(), of.run().plan());
        }
        loaded.forEach(WorkModel::close);
    }

    @Test
    void aShapeThatTheModelDoesNotTakeIsToldWithTheModelsName() {
        String model = model();
        ModelFormatException refused = assertThrows(ModelFormatException.class, () -> load(model, "x:2x17"));
        assertTrue(refused.getMessage().startsWith(model), refused.getMessage());
    }
}
