package io.parallaxfleet.engine;

import io.parallaxfleet.execute.StepKernel;

/** A step that runs the plans of an operator's sub-graphs. */
interface BodyRunner extends StepKernel {
    /** Why a step inside does not run where it was planned; NONE where all do. */
    Fallback fallback();
}
