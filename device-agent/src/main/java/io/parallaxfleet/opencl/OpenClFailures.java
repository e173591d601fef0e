package io.parallaxfleet.opencl;

import io.parallaxfleet.execute.AcceleratorException;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.CLException;

/** Turns OpenCL status codes into the failures that the engine falls back on. */
final class OpenClFailures {
    private OpenClFailures() {}

    /** Runs native calls; {@code what} names the operation in the message. */
    static <T> T guard(String what, Supplier<T> calls) {
        try {
            return calls.get();
        } catch (CLException failure) {
            throw translate(what, failure);
        }
    }

    static void guard(String what, Runnable calls) {
        guard(what, () -> {
            calls.run();
            return null;
        });
    }

    static AcceleratorException translate(String what, CLException failure) {
        // A failed build carries its whole log after the name of the error.
        String name = failure.getMessage().lines().findFirst().orElse("");
        return new AcceleratorException(cause(failure.getStatus()), what + ": " + name, failure);
    }

    static AcceleratorException.Cause cause(int status) {
        return switch (status) {
            case CL.CL_OUT_OF_RESOURCES, CL.CL_MEM_OBJECT_ALLOCATION_FAILURE, CL.CL_INVALID_BUFFER_SIZE, CL.CL_OUT_OF_HOST_MEMORY ->
                AcceleratorException.Cause.OUT_OF_DEVICE_MEMORY;
            // A queue or context turns invalid and waits end in an error when the driver has lost the device.
            case CL.CL_DEVICE_NOT_AVAILABLE, CL.CL_DEVICE_NOT_FOUND, CL.CL_INVALID_COMMAND_QUEUE, CL.CL_INVALID_CONTEXT,
                    CL.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST -> AcceleratorException.Cause.DEVICE_LOST;
            default -> AcceleratorException.Cause.KERNEL_FAILURE;
        };
    }
}
