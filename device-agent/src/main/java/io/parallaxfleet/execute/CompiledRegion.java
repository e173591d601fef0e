package io.parallaxfleet.execute;

import java.nio.ByteBuffer;
import java.util.List;

/** A delegate region ready to run on an {@link Accelerator}. Not thread-safe: one run at a time. */
public interface CompiledRegion extends AutoCloseable {
    /**
     * Runs the region and waits for it.
     *
     * @param inputs direct buffers in native order, one for each of the region's inputs, in its order
     * @param outputs direct buffers of exactly the outputs' sizes, in the region's order; overwritten
     * @throws AcceleratorException when the device fails; the outputs are then undefined and the caller falls back
     */
    void run(List<ByteBuffer> inputs, List<ByteBuffer> outputs);

    /** Bytes of device memory the region holds besides inputs and outputs: weights and intermediates. */
    long deviceBytes();

    @Override
    void close();
}
