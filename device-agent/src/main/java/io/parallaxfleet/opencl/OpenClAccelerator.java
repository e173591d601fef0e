package io.parallaxfleet.opencl;

import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.partition.Region;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The OpenCL device as the engine sees it. Kernels are built when a region first needs them and kept until
 * {@link #close()}, which also closes the regions. Thread-safe.
 */
public final class OpenClAccelerator implements Accelerator {
    private final AcceleratorDescription description;
    private final DeviceContext device;
    private final OperatorCatalogue catalogue = new OperatorCatalogue();
    private final Set<OpenClRegion> regions = new HashSet<>();
    private boolean closed;

    OpenClAccelerator(AcceleratorDescription description, DeviceContext device) {
        this.description = Objects.requireNonNull(description, "description");
        this.device = Objects.requireNonNull(device, "device");
    }

    @Override
    public AcceleratorDescription description() {
        return description;
    }

    @Override
    public boolean supports(ModelGraph graph, Node node) {
        return refusal(graph, node).isEmpty();
    }

    /** Why the operator cannot run here, in a few words; empty when it can. */
    public Optional<String> refusal(ModelGraph graph, Node node) {
        return catalogue.refusal(new Operator(graph, node));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when an operator of the region is not supported
     */
    @Override
    public CompiledRegion compile(ModelGraph graph, Region region, ConstantSource constants) {
        for (int index : region.nodes()) {
            refusal(graph, graph.node(index)).ifPresent(reason -> {
                throw new IllegalArgumentException(
                        "region " + region.index() + ": '" + graph.node(index).name() + "' cannot run on OpenCL: " + reason);
            });
        }
        OpenClRegion compiled = new RegionCompiler(device, catalogue).compile(graph, region, constants, this::forget);
        synchronized (this) {
            if (!closed) {
                regions.add(compiled);
                return compiled;
            }
        }
        compiled.close();
        throw new AcceleratorException(AcceleratorException.Cause.DEVICE_LOST, "the accelerator is closed", null);
    }

    private synchronized void forget(OpenClRegion region) {
        regions.remove(region);
    }

    /** Kernels built so far. */
    int kernelCount() {
        return device.kernelCount();
    }

    /** Regions compiled and not closed. */
    synchronized int openRegions() {
        return regions.size();
    }

    @Override
    public void close() {
        List<OpenClRegion> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(regions);
        }
        // Outside the lock: closing waits for a run in progress, and reports back to forget().
        open.forEach(OpenClRegion::close);
        device.close();
    }
}
