package io.parallaxfleet.execute;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Region;

/** A device beside the CPU that runs delegate regions. Thread-safe; closing it closes what it compiled. */
public interface Accelerator extends OperatorSupport, AutoCloseable {
    /** What the device is, for profiles and tables. */
    AcceleratorDescription description();

    /**
     * Builds a region for the device; every operator of it must be supported. Constants are uploaded here, once.
     *
     * @throws AcceleratorException when the device refuses: out of memory, a kernel that does not build
     */
    CompiledRegion compile(ModelGraph graph, Region region, ConstantSource constants);

    @Override
    void close();

    /**
     * @param name the device as its driver names it
     * @param api e.g. {@code OpenCL 3.0}
     * @param driver driver version
     * @param computeUnits parallel compute units
     */
    record AcceleratorDescription(String name, String api, String driver, int computeUnits) {}
}
