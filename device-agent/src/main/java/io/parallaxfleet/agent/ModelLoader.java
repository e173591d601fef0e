package io.parallaxfleet.agent;

import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;

/** Loads models for the workload. */
@FunctionalInterface
public interface ModelLoader {
    /**
     * Loads a model under a policy.
     *
     * @throws io.parallaxfleet.graph.ModelFormatException when the model cannot be used; one line that names it and what to do
     */
    WorkModel load(String nameOrPath, PolicyInForce policy);
}
