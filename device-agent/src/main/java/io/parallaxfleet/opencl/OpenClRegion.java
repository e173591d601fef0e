package io.parallaxfleet.opencl;

import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.CompiledRegion;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_kernel;

/**
 * A compiled region: kernels with their arguments set, weights on the device. One run enqueues everything in order and waits
 * once. Runs of one region exclude each other; regions of one accelerator may run at the same time.
 */
final class OpenClRegion implements CompiledRegion {
    /** A kernel ready to be enqueued. */
    record Step(String label, cl_kernel kernel, long[] global, long[] local) {}

    private final DeviceContext device;
    private final NativeScope scope;
    private final List<Step> steps;
    private final List<BoundaryTensor> inputs;
    private final List<BoundaryTensor> outputs;
    private final long deviceBytes;
    private final Consumer<OpenClRegion> onClose;
    private boolean closed;

    OpenClRegion(
            DeviceContext device,
            NativeScope scope,
            List<Step> steps,
            List<BoundaryTensor> inputs,
            List<BoundaryTensor> outputs,
            long deviceBytes,
            Consumer<OpenClRegion> onClose) {
        this.device = device;
        this.scope = scope;
        this.steps = List.copyOf(steps);
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.deviceBytes = deviceBytes;
        this.onClose = onClose;
    }

    @Override
    public synchronized void run(List<ByteBuffer> inputBuffers, List<ByteBuffer> outputBuffers) {
        if (closed) {
            throw new AcceleratorException(AcceleratorException.Cause.DEVICE_LOST, "the region is closed", null);
        }
        check("input", inputs, inputBuffers);
        check("output", outputs, outputBuffers);
        String at = "binding inputs and outputs";
        try {
            for (int i = 0; i < inputs.size(); i++) {
                inputs.get(i).bindInput(inputBuffers.get(i));
            }
            for (int i = 0; i < outputs.size(); i++) {
                outputs.get(i).bindOutput(outputBuffers.get(i));
            }
            for (Step step : steps) {
                at = step.label();
                enqueue(step);
            }
            at = "reading outputs";
            for (int i = 0; i < outputs.size(); i++) {
                outputs.get(i).fetch(outputBuffers.get(i));
            }
            CL.clFinish(device.queue());
        } catch (CLException failure) {
            drain(failure);
            throw OpenClFailures.translate("running a region failed at " + at, failure);
        }
    }

    /**
     * One run on undefined inputs. Many drivers finish compiling a kernel when it is first launched; the first real run should
     * not pay for that.
     */
    void warmUp() {
        OpenClFailures.guard("running a region for the first time", () -> {
            inputs.forEach(BoundaryTensor::bindNothing);
            outputs.forEach(BoundaryTensor::bindNothing);
            for (Step step : steps) {
                enqueue(step);
            }
            CL.clFinish(device.queue());
            inputs.forEach(BoundaryTensor::forgetNothing);
            outputs.forEach(BoundaryTensor::forgetNothing);
        });
    }

    private void enqueue(Step step) {
        CL.clEnqueueNDRangeKernel(device.queue(), step.kernel(), 3, null, step.global(), step.local(), 0, null, null);
    }

    /** What is already enqueued may still write to the caller's memory: wait before giving up. */
    private void drain(CLException failure) {
        try {
            CL.clFinish(device.queue());
        } catch (CLException second) {
            failure.addSuppressed(second);
        }
    }

    private static void check(String role, List<BoundaryTensor> tensors, List<ByteBuffer> buffers) {
        if (tensors.size() != buffers.size()) {
            throw new IllegalArgumentException("the region has " + tensors.size() + " " + role + "s, not " + buffers.size());
        }
        for (int i = 0; i < tensors.size(); i++) {
            ByteBuffer buffer = buffers.get(i);
            if (!buffer.isDirect() || buffer.remaining() != tensors.get(i).bytes()) {
                throw new IllegalArgumentException(role + " " + i + " must be a direct buffer of " + tensors.get(i).bytes()
                        + " bytes, not " + (buffer.isDirect() ? "" : "a heap buffer ") + "of " + buffer.remaining());
            }
        }
    }

    @Override
    public long deviceBytes() {
        return deviceBytes;
    }

    /** Kernel launches of one run. */
    int launches() {
        return steps.size();
    }

    /** The steps in order, for profiling. */
    List<Step> steps() {
        return steps;
    }

    /** Native objects still held; none after closing. */
    synchronized int nativeObjects() {
        return scope.size();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            scope.close();
        }
        onClose.accept(this);
    }
}
