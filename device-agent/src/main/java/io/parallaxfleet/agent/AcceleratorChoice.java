package io.parallaxfleet.agent;

import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.Accelerator.AcceleratorDescription;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import java.util.Optional;

/**
 * The accelerator an agent uses.
 *
 * @param accelerator opened; the holder closes it
 * @param note what to tell people about it
 */
record AcceleratorChoice(Optional<Accelerator> accelerator, String note) {
    static AcceleratorChoice none() {
        return new AcceleratorChoice(Optional.empty(), "no accelerator: told not to use one");
    }

    /** The first OpenCL device, a GPU before others. */
    static AcceleratorChoice find() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        if (search instanceof DeviceSearch.None nothing) {
            return new AcceleratorChoice(Optional.empty(), "no accelerator: " + nothing.reason());
        }
        Accelerator device = search.accelerator().orElseThrow();
        AcceleratorDescription description = device.description();
        return new AcceleratorChoice(Optional.of(device),
                "accelerator: " + description.name() + ", " + description.api() + ", driver " + description.driver());
    }
}
