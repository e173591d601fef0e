package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A loaded model with inputs to run it on. {@link #adopt} may be called from another thread than the rest; the rest is one
 * thread's.
 */
public interface WorkModel extends AutoCloseable {
    String name();

    /** The plan in force. */
    EnginePlan plan();

    /** Re-plans while the old plan serves, then swaps; returns the plan now in force. */
    EnginePlan adopt(DelegationPolicy policy, long epoch);

    /** Builds a plan without putting it in force. */
    EnginePlan prepare(DelegationPolicy policy, long epoch);

    /** Gives back what {@link #prepare} built; the plan in force stays. */
    void release(EnginePlan plan);

    /** Runs the plan in force once. */
    EngineRun run();

    /** Runs a prepared plan once. */
    EngineRun run(EnginePlan plan);

    /** A random piece of the model for the accelerator; empty where the accelerator can run none of it or there is none. */
    Optional<Region> drawRegion(RandomGenerator random);

    @Override
    void close();
}
