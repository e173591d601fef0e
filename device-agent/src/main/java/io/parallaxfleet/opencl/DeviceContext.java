package io.parallaxfleet.opencl;

import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_MEM_USE_HOST_PTR;
import static org.jocl.CL.CL_PROGRAM_BUILD_LOG;

import io.parallaxfleet.execute.AcceleratorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;

/**
 * One opened device: context, in-order queue and the kernels built so far. A kernel is built once, however many regions use
 * it. Thread-safe.
 */
final class DeviceContext implements AutoCloseable {
    // Infinities must survive: attention masks are built from them. So no fast-relaxed or finite math.
    private static final String BUILD_OPTIONS = "-cl-std=CL1.2 -cl-mad-enable";

    private record Built(cl_program program, String function) {}

    private final cl_device_id device;
    private final DeviceTraits traits;
    private final cl_context context;
    private final cl_command_queue queue;
    private final List<cl_program> programs = new ArrayList<>();
    private final Map<KernelSource, Built> built = new HashMap<>();
    private boolean closed;

    // The 1.2 queue call is the one that every driver has.
    @SuppressWarnings("deprecation")
    DeviceContext(cl_device_id device, DeviceTraits traits) {
        this.device = device;
        this.traits = traits;
        this.context = OpenClFailures.guard("opening the OpenCL device", () ->
                CL.clCreateContext(new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, null));
        try {
            this.queue = OpenClFailures.guard("opening a command queue", () -> CL.clCreateCommandQueue(context, device, 0, null));
        } catch (AcceleratorException failure) {
            CL.clReleaseContext(context);
            throw failure;
        }
    }

    DeviceTraits traits() {
        return traits;
    }

    cl_device_id device() {
        return device;
    }

    cl_command_queue queue() {
        return queue;
    }

    /** Builds the kernels that are not built yet, all in one program. */
    synchronized void build(List<KernelSource> kernels) {
        requireOpen();
        Map<KernelSource, String> missing = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder(KernelSource.prelude(traits.vectorWidth()));
        for (KernelSource kernel : kernels) {
            if (!built.containsKey(kernel) && !missing.containsKey(kernel)) {
                String function = kernel.name() + "_" + (built.size() + missing.size());
                missing.put(kernel, function);
                text.append(kernel.named(function));
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        cl_program program = program(text.toString());
        programs.add(program);
        missing.forEach((kernel, function) -> built.put(kernel, new Built(program, function)));
    }

    /** A new kernel object of a kernel that is built; the caller releases it. */
    cl_kernel kernel(KernelSource source) {
        Built known;
        synchronized (this) {
            requireOpen();
            known = built.get(source);
        }
        return OpenClFailures.guard("creating kernel " + source.name(), () ->
                CL.clCreateKernel(known.program(), known.function(), null));
    }

    private cl_program program(String source) {
        cl_program program = OpenClFailures.guard("creating a program", () ->
                CL.clCreateProgramWithSource(context, 1, new String[] {source}, new long[] {source.length()}, null));
        try {
            CL.clBuildProgram(program, 1, new cl_device_id[] {device}, BUILD_OPTIONS, null, null);
            return program;
        } catch (CLException failure) {
            String log = buildLog(program);
            CL.clReleaseProgram(program);
            throw OpenClFailures.translate("building kernels failed (" + log + ")", failure);
        }
    }

    private String buildLog(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, text.length, Pointer.to(text), null);
        String log = new String(text, java.nio.charset.StandardCharsets.UTF_8).replace('\0', ' ').strip().replaceAll("\\s+", " ");
        return log.substring(0, Math.min(log.length(), 600));
    }

    /** Kernels built so far. */
    synchronized int kernelCount() {
        return built.size();
    }

    /** A device buffer for that many floats, and the slack that kernels may read past the end. */
    cl_mem buffer(long floats) {
        long bytes = bytesOf(floats);
        if (bytes > traits.maxAllocationBytes()) {
            throw new AcceleratorException(AcceleratorException.Cause.OUT_OF_DEVICE_MEMORY, "a buffer of " + bytes
                    + " bytes is above the device's limit of " + traits.maxAllocationBytes() + " for one buffer", null);
        }
        synchronized (this) {
            requireOpen();
        }
        return OpenClFailures.guard("allocating " + bytes + " bytes", () ->
                CL.clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, null, null));
    }

    static long bytesOf(long floats) {
        return (floats + DeviceTraits.SLACK_FLOATS) * Float.BYTES;
    }

    /** The caller's memory as a buffer; only for devices that work in host memory. */
    cl_mem wrap(ByteBuffer memory) {
        return OpenClFailures.guard("wrapping " + memory.remaining() + " bytes", () -> CL.clCreateBuffer(context,
                CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, memory.remaining(), Pointer.to(memory.slice()), null));
    }

    /** Copies to the device, from its float {@code offset} on, and waits. */
    void upload(cl_mem target, long offset, ByteBuffer content) {
        OpenClFailures.guard("uploading " + content.remaining() + " bytes", () -> CL.clEnqueueWriteBuffer(queue, target, true,
                offset * Float.BYTES, content.remaining(), Pointer.to(content.slice()), 0, null, null));
    }

    private void requireOpen() {
        if (closed) {
            throw new AcceleratorException(AcceleratorException.Cause.DEVICE_LOST, "the accelerator is closed", null);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        programs.forEach(CL::clReleaseProgram);
        programs.clear();
        built.clear();
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
