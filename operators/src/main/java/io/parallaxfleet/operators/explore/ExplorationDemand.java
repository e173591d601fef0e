package io.parallaxfleet.operators.explore;

import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.schemas.exploration.ExplorationBounds;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** How much of what a class runs should be exploration, as of one fit. */
public sealed interface ExplorationDemand {
    /** Runs displace old ones at once after drift, and the sides that nobody runs in normal work have to keep up with them. */
    double SHARE_FACTOR_AFTER_DRIFT = 5;

    /** Nothing was noticed: every device keeps to its own share. */
    record AsUsual() implements ExplorationDemand {}

    /**
     * What the cost model was fitted to is no longer what runs.
     *
     * @param evidence what was noticed
     * @param shareFactor times a device's own share
     * @param from event time of the fit
     * @param until when intervals are narrow again, at most {@link ExplorationBounds#LONGEST} later
     */
    record More(Drift evidence, double shareFactor, Instant from, Instant until) implements ExplorationDemand {
        public More {
            Objects.requireNonNull(evidence, "evidence");
            if (!(shareFactor >= 1 && shareFactor <= ExplorationBounds.MAX_SHARE_FACTOR)) {
                throw new IllegalArgumentException("a share factor of " + shareFactor + "; it must be in 1.."
                        + ExplorationBounds.MAX_SHARE_FACTOR);
            }
            if (!until.isAfter(from) || until.isAfter(from.plus(ExplorationBounds.LONGEST))) {
                throw new IllegalArgumentException("from " + from + " until " + until + "; it must be more than nothing and at most "
                        + ExplorationBounds.LONGEST);
            }
        }
    }

    /**
     * What a fit asks for. Event time is taken for the time of the devices' clocks, which made it: a job that reads what happened long
     * ago asks for what has long expired.
     *
     * @param drift noticed since the fit before
     * @param fitTime event time of the fit
     * @param fitInterval event time from one fit to the next
     */
    static ExplorationDemand of(Optional<Drift> drift, Instant fitTime, Duration fitInterval) {
        if (drift.isEmpty()) {
            return new AsUsual();
        }
        Duration wide = fitInterval.multipliedBy(Drift.WIDE_FITS);
        Duration bounded = wide.compareTo(ExplorationBounds.LONGEST) < 0 ? wide : ExplorationBounds.LONGEST;
        return new More(drift.get(), SHARE_FACTOR_AFTER_DRIFT, fitTime, fitTime.plus(bounded));
    }
}
