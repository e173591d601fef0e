package io.parallaxfleet.opencl;

import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** Buffers and kernels that live and end together. Not thread-safe. */
final class NativeScope implements AutoCloseable {
    private final List<cl_mem> buffers = new ArrayList<>();
    private final List<cl_kernel> kernels = new ArrayList<>();

    cl_mem keep(cl_mem buffer) {
        buffers.add(buffer);
        return buffer;
    }

    cl_kernel keep(cl_kernel kernel) {
        kernels.add(kernel);
        return kernel;
    }

    void release(cl_mem buffer) {
        buffers.remove(buffer);
        CL.clReleaseMemObject(buffer);
    }

    /** Native objects still held. */
    int size() {
        return buffers.size() + kernels.size();
    }

    @Override
    public void close() {
        kernels.forEach(CL::clReleaseKernel);
        kernels.clear();
        buffers.forEach(CL::clReleaseMemObject);
        buffers.clear();
    }
}
