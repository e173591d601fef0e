package io.parallaxfleet.opencl;

/**
 * What the choice of kernels depends on.
 *
 * @param cpu whether the device is the host's own CPU
 * @param vectorWidth floats of the vectors that kernels are written in: 4, 8 or 16
 * @param computeUnits parallel compute units
 * @param maxWorkGroup largest work-group
 * @param maxAllocationBytes largest single buffer
 */
record DeviceTraits(boolean cpu, int vectorWidth, int computeUnits, long maxWorkGroup, long maxAllocationBytes) {
    /** Largest tile of floats that a kernel may read past the end of a tensor; every buffer has that much slack. */
    static final int SLACK_FLOATS = 128;

    DeviceTraits {
        if (vectorWidth != 4 && vectorWidth != 8 && vectorWidth != 16) {
            throw new IllegalArgumentException("vectors of " + vectorWidth + " floats are not among 4, 8, 16");
        }
    }

    /**
     * CPU devices get their native width, because their compilers map a wide vector on registers one to one. GPUs are scalar
     * or four wide inside and lose registers to anything wider.
     */
    static int vectorWidth(boolean cpu, int nativeWidth) {
        if (!cpu) {
            return 4;
        }
        return nativeWidth >= 16 ? 16 : nativeWidth >= 8 ? 8 : 4;
    }

    /** Rows of the register tile of a matrix kernel. */
    int tileRows() {
        // 16 vector registers of AVX2 hold 4 x 2 accumulators beside the operands, 32 of AVX-512 hold 8 x 2.
        return cpu && vectorWidth == 16 ? 8 : 4;
    }

    /** Vectors that one work item of a streaming kernel handles: enough to hide what a work-group costs on a CPU. */
    int streamVectors() {
        return cpu ? 4096 / vectorWidth : 1;
    }
}
