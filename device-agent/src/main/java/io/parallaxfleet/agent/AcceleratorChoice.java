package io.parallaxfleet.agent;

import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import java.util.Optional;

/**
 * The accelerator an agent uses.
 *
 * @param accelerator opened; the holder closes it
 * @param note what to tell people; empty: nothing
 */
record AcceleratorChoice(Optional<Accelerator> accelerator, Optional<String> note) {
    static AcceleratorChoice none() {
        return new AcceleratorChoice(Optional.empty(), Optional.of("no accelerator: told not to use one"));
    }

    /** The first OpenCL device, a GPU before a CPU device. */
    static AcceleratorChoice find() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        if (search instanceof DeviceSearch.None none) {
            return new AcceleratorChoice(Optional.empty(), Optional.of("no accelerator: " + none.reason()));
        }
        return new AcceleratorChoice(search.accelerator(), search.accelerator().map(found -> "accelerator: "
                + found.description().name()));
    }
}
