package io.parallaxfleet.agent;

import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds, prepares and loads models on the Parallax engine; they share one accelerator. */
final class EngineModelLoader implements ModelLoader {
    /** Inputs are the same at every start, so that runs can be compared. */
    private static final long INPUT_SEED = 1;

    /** An agent should report soon after it starts. */
    private static final Duration TRIAL_BUDGET = Duration.ofSeconds(2);

    private final ModelCache cache;
    private final Map<String, Long> dimensions;
    private final Map<String, ShapeSeries> shapes;
    private final int threads;
    private final Objective objective;
    private final boolean exact;
    private final Optional<Accelerator> accelerator;

    /** @param shapes by name or path of a model: what its inputs have in turn; the others have one shape */
    EngineModelLoader(Path cacheDirectory, Map<String, Long> dimensions, Map<String, ShapeSeries> shapes, int threads, Objective objective,
            boolean exact, Optional<Accelerator> accelerator) {
        this.cache = new ModelCache(cacheDirectory);
        this.dimensions = dimensions;
        this.shapes = shapes;
        this.threads = threads;
        this.objective = objective;
        this.exact = exact;
        this.accelerator = accelerator;
    }

    @Override
    public List<WorkModel> load(String nameOrPath, PolicyInForce policy) {
        ModelSource source = ModelCatalogue.resolve(nameOrPath, cache.zoo());
        // Other processes want the cores too: between runs, threads must leave them alone.
        EngineOptions options = EngineOptions.defaults(cache.prepared())
                .withSpinning(Spinning.WITHIN_RUN)
                .withObjective(objective)
                .withExact(exact)
                .withTrialBudget(TRIAL_BUDGET)
                .withThreads(threads)
                .withPolicy(policy.policy(), policy.epoch());
        EngineOptions with = accelerator.map(options::withAccelerator).orElse(options);
        ShapeSeries series = shapes.get(nameOrPath);
        if (series == null) {
            return List.of(EngineModel.load(source.name(), ModelPreparation.prepare(source, dimensions, cache.prepared()), with, INPUT_SEED));
        }
        List<WorkModel> loaded = new ArrayList<>();
        try {
            for (Map<String, Long> shape : series.dimensions(source.path(), dimensions)) {
                PreparedModel prepared = ModelPreparation.prepare(source, shape, cache.prepared());
                loaded.add(EngineModel.load(source.name() + " " + prepared.shapeKey(), prepared, with, INPUT_SEED));
            }
            return loaded;
        } catch (IllegalArgumentException e) {
            loaded.forEach(WorkModel::close);
            throw new ModelFormatException(nameOrPath + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            loaded.forEach(WorkModel::close);
            throw e;
        }
    }
}
