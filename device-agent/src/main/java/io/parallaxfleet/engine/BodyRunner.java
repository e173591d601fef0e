package io.parallaxfleet.engine;

import io.parallaxfleet.execute.StepKernel;
import java.util.List;

/** A step that runs the plans of an operator's sub-graphs. */
interface BodyRunner extends StepKernel {
    /** Why a step inside does not run where it was planned; NONE where all do. */
    Fallback fallback();

    @Override
    default boolean holdsBetweenRuns() {
        return true;
    }

    /** Forgets what its sub-graphs took: a run of the model begins. */
    void forgetTimes();

    /** What the steps of its sub-graphs took since, in the order of {@link BodyBranch#of}. */
    void reportTimes(List<BodyBranchRun> into);
}
