package io.parallaxfleet.opencl;

import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_MEM_USE_HOST_PTR;
import static org.jocl.CL.CL_PROGRAM_BUILD_LOG;

import io.parallaxfleet.execute.AcceleratorException;
import java.nio.ByteBuffer;
import java.util.HashMap;
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
 * One opened device: context, in-order queue and the programs built so far. A program is built once however many kernels and
 * regions use it. Thread-safe.
 */
final class DeviceContext implements AutoCloseable {
    // Infinities must survive: attention masks are built from them. So no fast-relaxed or finite math.
    private static final String BUILD_OPTIONS = "-cl-std=CL1.2 -cl-mad-enable";

    private final cl_device_id device;
    private final DeviceTraits traits;
    private final cl_context context;
    private final cl_command_queue queue;
    private final Map<String, cl_program> programs = new HashMap<>();
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

    /** A new kernel object of the program; the caller releases it. */
    cl_kernel kernel(String name, String source) {
        cl_program program = program(name, source);
        return OpenClFailures.guard("creating kernel " + name, () -> CL.clCreateKernel(program, name, null));
    }

    private synchronized cl_program program(String name, String source) {
        requireOpen();
        cl_program known = programs.get(source);
        if (known != null) {
            return known;
        }
        cl_program program = OpenClFailures.guard("creating program " + name, () ->
                CL.clCreateProgramWithSource(context, 1, new String[] {source}, new long[] {source.length()}, null));
        try {
            CL.clBuildProgram(program, 1, new cl_device_id[] {device}, BUILD_OPTIONS, null, null);
        } catch (CLException failure) {
            String log = buildLog(program);
            CL.clReleaseProgram(program);
            throw OpenClFailures.translate("building kernel " + name + " failed (" + log + ")", failure);
        }
        programs.put(source, program);
        return program;
    }

    private String buildLog(cl_program program) {
        long[] size = new long[1];
        CL.clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        CL.clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, text.length, Pointer.to(text), null);
        String log = new String(text, java.nio.charset.StandardCharsets.UTF_8).replace('\0', ' ').strip().replaceAll("\\s+", " ");
        return log.substring(0, Math.min(log.length(), 600));
    }

    /** Programs built so far. */
    synchronized int programCount() {
        return programs.size();
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
        programs.values().forEach(CL::clReleaseProgram);
        programs.clear();
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
