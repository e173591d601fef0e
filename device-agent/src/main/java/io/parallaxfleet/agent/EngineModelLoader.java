package io.parallaxfleet.agent;

import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Objective;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.time.Duration;
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
    private final int threads;
    private final Objective objective;
    private final Optional<Accelerator> accelerator;

    EngineModelLoader(Path cacheDirectory, Map<String, Long> dimensions, int threads, Objective objective,
            Optional<Accelerator> accelerator) {
        this.cache = new ModelCache(cacheDirectory);
        this.dimensions = dimensions;
        this.threads = threads;
        this.objective = objective;
        this.accelerator = accelerator;
    }

    @Override
    public WorkModel load(String nameOrPath, PolicyInForce policy) {
        PreparedModel prepared = ModelPreparation.prepare(
                ModelCatalogue.resolve(nameOrPath, cache.zoo()), dimensions, cache.prepared());
        // Other processes want the cores too: between runs, threads must leave them alone.
        EngineOptions options = EngineOptions.defaults(cache.prepared())
                .withSpinning(Spinning.WITHIN_RUN)
                .withObjective(objective)
                .withTrialBudget(TRIAL_BUDGET)
                .withThreads(threads)
                .withPolicy(policy.policy(), policy.epoch());
        return EngineModel.load(prepared, accelerator.map(options::withAccelerator).orElse(options), INPUT_SEED);
    }
}
