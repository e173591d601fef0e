package io.parallaxfleet.opencl;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/**
 * An input or output of a compiled region: either a device buffer that is copied to or from, or the caller's own memory. Not
 * thread-safe.
 */
final class BoundaryTensor {
    // Wide vector loads of CPU devices like whole cache lines, and arenas are laid out in them.
    private static final int ALIGNMENT = 64;

    /** A kernel argument that the tensor's buffer is passed as. */
    record Use(cl_kernel kernel, int argument) {}

    private final DeviceContext device;
    private final NativeScope scope;
    private final int floats;
    private final boolean callerMemoryAllowed;
    private final List<Use> uses = new ArrayList<>();
    /** Own device memory; null until a buffer is met that cannot be wrapped. */
    private cl_mem own;
    /** The wrapper of {@link #wrappedBuffer}; both null or both set. */
    private cl_mem wrapper;
    private ByteBuffer wrappedBuffer;
    private int wrappedPosition;
    /** Points at {@link #pointedBuffer}, for copies; both null or both set. */
    private Pointer pointer;
    private ByteBuffer pointedBuffer;
    private int pointedPosition;
    /** What the kernels' arguments are set to. */
    private cl_mem bound;

    /**
     * @param callerMemoryAllowed whether no kernel reads past the tensor's end; the device must work in host memory, too
     */
    BoundaryTensor(DeviceContext device, NativeScope scope, int floats, boolean callerMemoryAllowed) {
        this.device = device;
        this.scope = scope;
        this.floats = floats;
        // Only where the device is the host: there a wrapped buffer is the memory itself, coherent after a finish.
        this.callerMemoryAllowed = callerMemoryAllowed && device.traits().cpu();
    }

    int bytes() {
        return floats * Float.BYTES;
    }

    void usedBy(cl_kernel kernel, int argument) {
        uses.add(new Use(kernel, argument));
    }

    /** Makes the tensor available to the kernels; enqueues the copy where one is needed. */
    void bindInput(ByteBuffer memory) {
        if (uses.isEmpty()) {
            return;
        }
        if (wraps(memory)) {
            bind(wrapper);
            return;
        }
        bind(ownBuffer());
        CL.clEnqueueWriteBuffer(device.queue(), own, false, 0, bytes(), pointerTo(memory), 0, null, null);
    }

    void bindOutput(ByteBuffer memory) {
        bind(wraps(memory) ? wrapper : ownBuffer());
    }

    /** Enqueues the copy to the caller, where the kernels did not write there themselves. */
    void fetch(ByteBuffer memory) {
        if (bound == own) {
            CL.clEnqueueReadBuffer(device.queue(), own, false, 0, bytes(), pointerTo(memory), 0, null, null);
        }
    }

    /** Device memory with whatever is in it, for a run that nobody reads. */
    void bindNothing() {
        bind(ownBuffer());
    }

    /** Gives back what {@link #bindNothing} took. */
    void forgetNothing() {
        bound = null;
        scope.release(own);
        own = null;
    }

    private cl_mem ownBuffer() {
        if (own == null) {
            own = scope.keep(device.buffer(floats));
        }
        return own;
    }

    /** Whether {@link #wrapper} now stands for this memory. Steady callers pass the same buffers again, so one is kept. */
    private boolean wraps(ByteBuffer memory) {
        if (!callerMemoryAllowed || memory.alignmentOffset(memory.position(), ALIGNMENT) != 0) {
            return false;
        }
        if (wrappedBuffer != memory || wrappedPosition != memory.position()) {
            cl_mem fresh = scope.keep(device.wrap(memory));
            if (wrapper != null) {
                scope.release(wrapper);
            }
            wrapper = fresh;
            wrappedBuffer = memory;
            wrappedPosition = memory.position();
        }
        return true;
    }

    /** The same objects again for the same buffer. */
    private Pointer pointerTo(ByteBuffer memory) {
        if (pointedBuffer != memory || pointedPosition != memory.position()) {
            pointer = Pointer.to(memory.slice());
            pointedBuffer = memory;
            pointedPosition = memory.position();
        }
        return pointer;
    }

    private void bind(cl_mem memory) {
        if (bound == memory) {
            return;
        }
        for (Use use : uses) {
            CL.clSetKernelArg(use.kernel(), use.argument(), Sizeof.cl_mem, Pointer.to(memory));
        }
        bound = memory;
    }
}
