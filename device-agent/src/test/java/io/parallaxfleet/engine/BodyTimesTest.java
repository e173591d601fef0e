package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("a run reports the branches of sub-graphs with plans of their own")
class BodyTimesTest {
    @TempDir
    static Path folder;

    private static ParallaxEngine split(OnnxFixture fixture, String name) {
        Path file = fixture.write(folder.resolve(name + ".onnx"));
        PreparedModel model = ModelPreparation.prepare(new ModelSource(name, file, Map.of()), Map.of(), folder.resolve("cache"));
        return ParallaxEngine.load(model, EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(Execution.SPLIT));
    }

    private static EngineRun run(ParallaxEngine engine, long trips, boolean flag) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        for (String input : engine.inputs().keySet()) {
            inputs.put(input, switch (input) {
                case "trips" -> OnnxTensor.createTensor(environment, trips);
                case "flag" -> OnnxTensor.createTensor(environment, flag);
                default -> OnnxTensor.createTensor(
                        environment, FloatBuffer.allocate(ConditionalModels.SIDE * ConditionalModels.SIDE), ConditionalModels.shape());
            });
        }
        EngineRun run = engine.run(inputs);
        inputs.values().forEach(OnnxTensor::close);
        return run;
    }

    private static long runsOf(EngineRun run, String part) {
        List<BodyBranch> branches = run.plan().bodyBranches();
        assertEquals(branches.size(), run.bodyBranches().size());
        long[] runs = IntStream.range(0, branches.size())
                .filter(branch -> branches.get(branch).name().contains(part))
                .mapToLong(branch -> run.bodyBranches().get(branch).runs())
                .distinct()
                .toArray();
        assertEquals(1, runs.length, part + " in " + branches.stream().map(BodyBranch::name).toList());
        return runs[0];
    }

    @Test
    @DisplayName("of a Loop summed over its iterations, with their number")
    void loop() throws OrtException {
        try (ParallaxEngine engine = split(new IterationModels(7).counted(), "loop")) {
            for (long trips : new long[] {4, 0, 7}) {
                EngineRun run = run(engine, trips, true);
                assertEquals(trips, runsOf(run, ".loop/body/"));
                BranchRun loop = run.branches().get(indexOfTheLoop(run.plan()));
                for (BodyBranchRun branch : run.bodyBranches()) {
                    assertEquals(trips > 0, branch.latencyNanos() > 0);
                    assertTrue(branch.latencyNanos() <= loop.latencyNanos(), branch + " in " + loop);
                }
            }
        }
    }

    private static int indexOfTheLoop(EnginePlan plan) {
        for (int step = 0; step < plan.steps().size(); step++) {
            if (plan.steps().get(step).controlFlow().isPresent()) {
                return step;
            }
        }
        throw new AssertionError("no step with sub-graphs");
    }

    @Test
    @DisplayName("of an If those of the chosen sub-graph, and 0 runs of the other")
    void conditional() throws OrtException {
        ConditionalModels models = new ConditionalModels(5);
        OnnxFixture fixture = models.onFlagAndX()
                .node("If", List.of("flag"), List.of("y"), ConditionalModels.thenBranch(models.forkedBody("x")),
                        ConditionalModels.elseBranch(models.forkedBody("x")))
                .output("y");
        try (ParallaxEngine engine = split(fixture, "if")) {
            for (boolean flag : new boolean[] {true, false, true}) {
                EngineRun run = run(engine, 0, flag);
                assertEquals(flag ? 1 : 0, runsOf(run, ".if/then_branch/"));
                assertEquals(flag ? 0 : 1, runsOf(run, ".if/else_branch/"));
            }
        }
    }

    @Test
    @DisplayName("of an If inside a Loop over all iterations, under names that are unique")
    void nested() throws OrtException {
        try (ParallaxEngine engine = split(new IterationModels(30).withAnIfInside(), "nested")) {
            EngineRun run = run(engine, 5, true);
            List<String> names = run.plan().bodyBranches().stream().map(BodyBranch::name).toList();
            assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
            assertFalse(names.stream().filter(name -> name.contains(".loop/body/") && name.contains(".if/")).toList().isEmpty(), names::toString);
            assertEquals(5, runsOf(run, ".if/then_branch/") + runsOf(run, ".if/else_branch/"));
        }
    }
}
