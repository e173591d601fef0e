package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A bounded sample of a class's branch runs, stratified by region and side so that a region that runs often cannot push
 * out one that runs rarely. Each stratum is a uniform reservoir at first and forgets exponentially after
 * {@value #MEMORY} runs, so that a device that changes is noticed. At most {@value #MAX_STRATA} strata of
 * {@value #STRATUM_SAMPLES} samples; the stratum that was idle longest makes room. Which sample is replaced depends only on the
 * seed and the order of arrival. Not thread-safe.
 */
public final class RegionReservoir {
    static final int MAX_STRATA = 512;
    static final int STRATUM_SAMPLES = 32;
    static final int MEMORY = 10 * STRATUM_SAMPLES;

    record StratumKey(RegionShape shape, CostSide side) {}

    static final class Stratum {
        final long[] latenciesNanos = new long[STRATUM_SAMPLES];
        int size;
        long seen;
    }

    final long seed;
    // In the order of last use, oldest first.
    final Map<StratumKey, Stratum> strata;

    public RegionReservoir(long seed) {
        this.seed = seed;
        this.strata = new LinkedHashMap<>(64, 0.75f, true);
    }

    public void add(CostSample sample) {
        Stratum stratum = strata.computeIfAbsent(new StratumKey(sample.shape(), sample.side()), key -> new Stratum());
        stratum.seen++;
        if (stratum.size < STRATUM_SAMPLES) {
            stratum.latenciesNanos[stratum.size++] = sample.latencyNanos();
        } else {
            long span = Math.min(stratum.seen, MEMORY);
            long slot = Long.remainderUnsigned(mix(seed ^ stratum.seen * 0x9E3779B97F4A7C15L), span);
            if (slot < STRATUM_SAMPLES) {
                stratum.latenciesNanos[(int) slot] = sample.latencyNanos();
            }
        }
        if (strata.size() > MAX_STRATA) {
            Iterator<StratumKey> oldest = strata.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The kept runs, one entry a region and side. */
    public List<RegionRuns> regions() {
        List<RegionRuns> regions = new ArrayList<>(strata.size());
        strata.forEach((key, stratum) -> regions.add(new RegionRuns(key.shape(), key.side(),
                Arrays.copyOf(stratum.latenciesNanos, stratum.size))));
        return regions;
    }

    // Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the finaliser.
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
