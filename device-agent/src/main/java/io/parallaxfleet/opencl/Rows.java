package io.parallaxfleet.opencl;

/** How many rows one work item of a row-wise kernel takes. */
final class Rows {
    // Enough work to hide what starting a work-group costs on a CPU device, about a microsecond.
    private static final int ELEMENTS_PER_ITEM = 4096;

    private Rows() {}

    static int per(DeviceTraits traits, int rowElements) {
        return traits.cpu() ? Math.max(1, ELEMENTS_PER_ITEM / rowElements) : 1;
    }
}
