package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.partition.DelegationPolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What happened to one device class, from the topics.
 *
 * @param simulated whether its devices are modelled; such figures are never mixed with measured ones
 * @param devices devices that announced themselves
 * @param samples warm, valid inferences of the policy's own plans
 * @param exploredSamples those of exploration plans
 * @param invalidSamples inferences that say nothing about the plan: disturbed by other load, throttled, fallen back
 * @param epochBefore first policy epoch seen
 * @param epochAfter newest policy epoch published for the class; equal to {@code epochBefore} while there is none
 * @param policyBefore thresholds at the start
 * @param policyAfter newest published thresholds; empty while there are none
 * @param applied devices that acknowledged the newest epoch as applied
 * @param refused devices that refused it
 * @param reason why the newest thresholds were published
 * @param decision the job's newest decision on the class and why; empty before the first
 */
public record ClassStory(
        String deviceClass,
        boolean simulated,
        int devices,
        long samples,
        long exploredSamples,
        long invalidSamples,
        long epochBefore,
        long epochAfter,
        DelegationPolicy policyBefore,
        Optional<DelegationPolicy> policyAfter,
        Direction direction,
        int applied,
        int refused,
        Optional<String> reason,
        Optional<String> decision,
        List<ModelStory> models) {
    public ClassStory {
        models = List.copyOf(models);
    }

    /** MEASURED or SIMULATED. */
    public String label() {
        return simulated ? "SIMULATED" : "MEASURED";
    }

    /**
     * Geometric mean of after / before over the models whose plan changed, which are those that thresholds can move; empty until
     * such a model has both.
     */
    public OptionalDouble overallRatio() {
        return geometricMean(replanned());
    }

    /** The same over all models. */
    public OptionalDouble allModelsRatio() {
        return geometricMean(models);
    }

    /** The same over the models whose plan did not change: what the machine did meanwhile. */
    public OptionalDouble controlRatio() {
        return geometricMean(models.stream().filter(ModelStory::samePlan).toList());
    }

    /** What is left of {@link #overallRatio} without {@link #controlRatio}: what the thresholds did; empty without both. */
    public OptionalDouble adjustedRatio() {
        return overallRatio().isEmpty() || controlRatio().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(overallRatio().getAsDouble() / controlRatio().getAsDouble());
    }

    /** Models whose plan changed. */
    public List<ModelStory> replanned() {
        return models.stream().filter(model -> !model.samePlan()).toList();
    }

    private static OptionalDouble geometricMean(List<ModelStory> models) {
        OptionalDouble logMean = models.stream()
                .flatMapToDouble(model -> model.ratio().stream())
                .map(Math::log)
                .average();
        return logMean.isEmpty() ? logMean : OptionalDouble.of(Math.exp(logMean.getAsDouble()));
    }
}
