package io.parallaxfleet.opencl;

import io.parallaxfleet.execute.Accelerator;
import java.util.Optional;

/** What a search for an OpenCL device ended with. */
public sealed interface DeviceSearch {
    /** The opened accelerator, when there is one. */
    default Optional<Accelerator> accelerator() {
        return Optional.empty();
    }

    /** A device, opened; the caller closes it. */
    record Found(OpenClAccelerator device) implements DeviceSearch {
        @Override
        public Optional<Accelerator> accelerator() {
            return Optional.of(device);
        }
    }

    /**
     * No device.
     *
     * @param reason one line: what is missing and what to install
     */
    record None(String reason) implements DeviceSearch {}
}
