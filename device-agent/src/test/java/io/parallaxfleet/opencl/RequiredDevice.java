package io.parallaxfleet.opencl;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** The device the tests run on. Without one they are skipped; where PARALLAX_REQUIRE_OPENCL is 1 they fail. */
final class RequiredDevice {
    private RequiredDevice() {}

    static OpenClAccelerator open() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        if (search instanceof DeviceSearch.Found found) {
            return found.device();
        }
        String reason = ((DeviceSearch.None) search).reason();
        if ("1".equals(System.getenv("PARALLAX_REQUIRE_OPENCL"))) {
            return fail("OpenCL is required here: " + reason);
        }
        return abort("skipped: " + reason);
    }
}
