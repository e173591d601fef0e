package io.parallaxfleet.engine;

/**
 * How the CPU part of a model runs on this device.
 *
 * @param execution ONE_SESSION or SPLIT
 * @param spinning whether threads of a wide session spin for more work: faster alone, slower beside other work
 */
public record CpuExecution(Execution execution, boolean spinning) {
    public CpuExecution {
        if (execution == Execution.HETEROGENEOUS) {
            throw new IllegalArgumentException("the CPU part of a plan is ONE_SESSION or SPLIT");
        }
    }
}
