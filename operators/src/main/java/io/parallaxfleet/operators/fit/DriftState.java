package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;

/**
 * What follows from drift: for {@value Drift#WIDE_FITS} fits the intervals are twice as wide, runs of the side that changed displace the old
 * ones at once, and what runs then becomes normal. Nothing is published because of it: a fit that has moved proposes as any other
 * does, and goes through a rollout. Not thread-safe.
 */
final class DriftState {
    static final double WIDENING = 2;

    final DriftDetector detector = new DriftDetector();
    /** Fits for which intervals stay wide. */
    int wideFor;
    /** Raised and not reported yet; null when there is none. */
    Drift raised;

    void observe(CostObservation observation, int device, RegionReservoir reservoir) {
        for (CostSample sample : observation.samples()) {
            if (wideFor == 0 && sample.side() != CostSide.CPU_BY_CONTRAST) {
                detector.add(sample, observation.modelKey(), device).ifPresent(drift -> {
                    raised = drift;
                    wideFor = Drift.WIDE_FITS;
                    reservoir.renew();
                });
            }
        }
    }

    /** After a fit. While intervals are wide the detector waits for what becomes normal. */
    void settle(RegionReservoir reservoir) {
        raised = null;
        if (wideFor > 0) {
            wideFor--;
            if (wideFor == 0) {
                detector.settle(reservoir.regions());
            }
        } else {
            detector.extend(reservoir.regions());
        }
    }

    /** The estimate, with intervals as wide as they deserve. */
    CostModelEstimate widened(CostModelEstimate estimate) {
        if (wideFor == 0) {
            return estimate;
        }
        return CostModelEstimate.newBuilder(estimate)
                .setCpuSecondsPerMac(widened(estimate.getCpuSecondsPerMac()))
                .setDispatchSeconds(widened(estimate.getDispatchSeconds()))
                .setAcceleratorSecondsPerMac(widened(estimate.getAcceleratorSecondsPerMac()))
                .setSecondsPerByte(widened(estimate.getSecondsPerByte()))
                .build();
    }

    private static Interval widened(Interval interval) {
        double value = interval.getValue();
        return new Interval(value, Math.max(0, value - WIDENING * (value - interval.getLow())),
                value + WIDENING * (interval.getHigh() - value));
    }
}
