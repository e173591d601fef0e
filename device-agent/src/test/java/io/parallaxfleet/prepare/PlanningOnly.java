package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model that can be planned and not run. */
public record PlanningOnly(String name, ModelGraph graph) implements PreparedModel {
    public static PlanningOnly of(ModelGraph graph) {
        return new PlanningOnly(graph.name(), graph);
    }

    @Override
    public String modelHash() {
        return "0".repeat(64);
    }

    @Override
    public String shapeKey() {
        return "in:64";
    }

    @Override
    public Path originalModel() {
        return Path.of(name + ".onnx");
    }

    @Override
    public Map<String, Long> boundDimensions() {
        return Map.of();
    }

    @Override
    public Path optimizedModel() {
        return originalModel();
    }

    @Override
    public ConstantSource constants() {
        throw new AssertionError("planning reads no constants");
    }

    @Override
    public Path extract(List<Integer> nodes, List<String> inputs, List<String> outputs) {
        throw new AssertionError("planning cuts no models");
    }
}
