package io.parallaxfleet.operators.search;

import io.parallaxfleet.schemas.avro.Objective;
import java.io.Serializable;

/**
 * What makes new thresholds worth publishing.
 *
 * @param minImprovement share of the cost under the rule in force that a new rule must be predicted to save, in [0,1)
 * @param maxModelRegret share by which a new rule may raise the cost of a model that was measured by itself, its uncertainty where it
 *     was not included; one triple of thresholds for a class cannot please every model, and this is how far one may pay for the others
 * @param objective LATENCY, ENERGY, or BALANCED: the sum of both, each over what it is under the rule in force
 */
public record SearchOptions(double minImprovement, double maxModelRegret, Objective objective) implements Serializable {
    public static final double DEFAULT_MAX_MODEL_REGRET = 0.05;

    public SearchOptions {
        if (!(minImprovement >= 0 && minImprovement < 1)) {
            throw new IllegalArgumentException("minImprovement is " + minImprovement + "; it must be in [0,1)");
        }
        if (!(maxModelRegret >= 0)) {
            throw new IllegalArgumentException("maxModelRegret is " + maxModelRegret + "; it must not be negative");
        }
        if (objective != Objective.LATENCY && objective != Objective.ENERGY && objective != Objective.BALANCED) {
            throw new IllegalArgumentException("the objective is " + objective + "; it must be LATENCY, ENERGY or BALANCED");
        }
    }
}
