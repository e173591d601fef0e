package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;

/**
 * What a region costs on either side, in seconds: {@code T_cpu = F·cpuSecondsPerMac},
 * {@code T_acc = dispatchSeconds + F·acceleratorSecondsPerMac + B·secondsPerByte}. Source: Parallax, Section 3.1.
 */
public record CostModel(double cpuSecondsPerMac, double dispatchSeconds, double acceleratorSecondsPerMac, double secondsPerByte) {
    public CostModel {
        // Written so that NaN fails.
        if (!(cpuSecondsPerMac > 0 && dispatchSeconds >= 0 && acceleratorSecondsPerMac >= 0 && secondsPerByte >= 0)) {
            throw new IllegalArgumentException("the CPU's time per MAC must be positive and the others not negative: "
                    + cpuSecondsPerMac + ", " + dispatchSeconds + ", " + acceleratorSecondsPerMac + ", " + secondsPerByte);
        }
    }

    public static CostModel of(CostModelEstimate estimate) {
        return new CostModel(estimate.getCpuSecondsPerMac().getValue(), estimate.getDispatchSeconds().getValue(),
                estimate.getAcceleratorSecondsPerMac().getValue(), estimate.getSecondsPerByte().getValue());
    }

    public double cpuSeconds(RegionShape region) {
        return region.macs() * cpuSecondsPerMac;
    }

    public double acceleratorSeconds(RegionShape region) {
        return dispatchSeconds + region.macs() * acceleratorSecondsPerMac + region.boundaryBytes() * secondsPerByte;
    }

    /**
     * F* in MACs above which a region with the given B/F is faster on the accelerator:
     * {@code L / (1/R_cpu − 1/R_acc − (B/F)/B_bw)}; infinite where it never is.
     */
    public double breakEvenMacs(double bytesPerMac) {
        double gain = cpuSecondsPerMac - acceleratorSecondsPerMac - bytesPerMac * secondsPerByte;
        return gain <= 0 ? Double.POSITIVE_INFINITY : dispatchSeconds / gain;
    }
}
