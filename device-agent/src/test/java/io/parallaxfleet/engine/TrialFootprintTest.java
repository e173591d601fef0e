package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link TrialMemory} counts against what rivals take; {@code -Dparallax.footprint.print=true} prints both. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class TrialFootprintTest {
    private static final int RIVALS_OF_A_PLAN = 3;
    private static final int RUNS = 3;

    @TempDir
    static Path cache;

    /** Opens and runs rivals as a trial does: {@code MODEL CACHE}. */
    static final class Rivals {
        private Rivals() {}

        public static void main(String[] arguments) throws OrtException {
            Path cache = Path.of(arguments[1]);
            PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(arguments[0], cache), Map.of(), cache);
            EngineOptions options = EngineOptions.defaults(cache).withThreads(2);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            List<LoadedPlan> open = new ArrayList<>();
            try (SharedWeights weights = SharedWeights.open(environment);
                    CpuThreads threads = new CpuThreads(2, options.scheduling(), Optional.empty());
                    ProbeInputs inputs = ProbeInputs.of(model.graph(), environment)) {
                long before = NativeMemory.now().residentBytes();
                for (EnginePlan plan : rivals(model)) {
                    LoadedPlan rival = LoadedPlan.open(plan, model, options, Spinning.OFF, threads, weights);
                    open.add(rival);
                    for (int run = 0; run < RUNS; run++) {
                        rival.execute(Long.MAX_VALUE, inputs.ways().get(0));
                    }
                }
                System.out.println("taken " + (NativeMemory.now().residentBytes() - before));
                open.forEach(LoadedPlan::close);
            }
        }
    }

    private static List<EnginePlan> rivals(PreparedModel model) {
        List<EnginePlan> plans = new ArrayList<>();
        for (SideBySide layers : List.of(new SideBySide.Nowhere(), new SideBySide.Everywhere())) {
            EnginePlan plan = EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, layers, 2);
            for (int rival = 0; rival < RIVALS_OF_A_PLAN; rival++) {
                plans.add(plan);
            }
        }
        return plans;
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-minilm-l6-v2", "yolov8n", "mobilenet_v2"})
    @DisplayName("rivals take about what is counted for them, never much more, and no model's weights several times")
    void isCounted(String name) throws IOException, InterruptedException {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
        String last = FixedHeapProcess.run(Rivals.class, name, cache.toString()).stream().filter(line -> line.startsWith("taken ")).findFirst()
                .orElseThrow();
        long taken = Long.parseLong(last.substring("taken ".length()));
        long counted = TrialMemoryTest.needed(model, rivals(model), true);
        if (Boolean.getBoolean("parallax.footprint.print")) {
            System.out.printf("%s: %d rivals, %d MB counted, %d MB taken%n", name, rivals(model).size(), counted >> 20, taken >> 20);
        }
        // M_budget leaves 40 % of what is free alone.
        assertTrue(taken < 1.4 * counted, taken + " bytes taken, " + counted + " counted");
        assertTrue(taken > 0.2 * counted, taken + " bytes taken, " + counted + " counted");
    }
}
