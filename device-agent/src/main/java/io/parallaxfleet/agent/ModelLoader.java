package io.parallaxfleet.agent;

import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;
import java.util.List;

/** Loads models for the workload. */
@FunctionalInterface
public interface ModelLoader {
    /**
     * Loads a model under a policy: once for each shape that its inputs are to have.
     *
     * @return at least one; the caller closes them
     * @throws io.parallaxfleet.graph.ModelFormatException when the model cannot be used; one line that names it and what to do
     */
    List<WorkModel> load(String nameOrPath, PolicyInForce policy);
}
