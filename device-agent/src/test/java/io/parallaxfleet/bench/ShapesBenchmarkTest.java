package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.ShapeBuild;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ShapesBenchmarkTest {
    @TempDir
    static Path folder;

    @Test
    void everyShapeIsTimedByAllAndPlannedOnceAndThenFound() {
        Path file = new OnnxFixture().input("x", "rows", "16").node("Relu", List.of("x"), List.of("a"))
                .node("Exp", List.of("a"), List.of("y")).output("y").write(folder.resolve("rows.onnx"));
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(Execution.ONE_SESSION);
        List<Map<String, Long>> shapes = List.of(Map.of("rows", 4L), Map.of("rows", 9L), Map.of("rows", 5L));

        ShapesReport report = new ShapesBenchmark(new ModelSource("rows", file, Map.of()), shapes, options, WarmUp.exactly(2), 3).run();

        assertEquals(0, report.difference());
        assertEquals(List.of("ort-dynamic", "ort-dynamic-no-spin", Contenders.ENGINE), List.copyOf(report.latencies().keySet()));
        report.latencies().values().forEach(of -> assertEquals(3, of.size()));
        assertEquals(shapes, report.firstBuilds().stream().map(ShapeBuild::dimensions).toList());
        // The first shape is still loaded when its turn comes again only if it is the only one.
        assertEquals(3, report.replanning().stream().filter(build -> !build.planFound()).count());
        assertEquals(3, report.replanning().stream().filter(ShapeBuild::planFound).count());
        assertTrue(report.slowestPlanMillis(true) >= 0);
        assertTrue(report.text().contains("seen before"), report.text());
    }
}
