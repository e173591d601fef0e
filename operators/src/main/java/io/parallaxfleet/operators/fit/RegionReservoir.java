package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A bounded sample of a class's branch runs, stratified by model, region and side so that a region that runs often cannot push
 * out one that runs rarely. Each stratum is a uniform reservoir at first and forgets exponentially after {@value #MEMORY} times the
 * runs it holds, so that a device that changes is noticed. At most {@value #MAX_STRATA} strata of {@value #STRATUM_SAMPLES}
 * samples, or {@value #CONTRAST_SAMPLES} of contrasts, which are few and noisy; the stratum that was idle longest makes room.
 *
 * <p>No device crowds out the others: one that holds its share of a full stratum, an even one among up to {@value #EVEN_SHARES}
 * devices, replaces its own samples, and one that alone feeds {@value #STRATA_OF_A_DEVICE} strata of a full reservoir gives up its
 * own.
 * Which sample is replaced depends only on the seed and the order of arrival. Not thread-safe.
 */
public final class RegionReservoir {
    static final int MAX_STRATA = 512;
    static final int STRATUM_SAMPLES = 32;
    static final int CONTRAST_SAMPLES = 128;
    static final int MEMORY = 10;
    static final int EVEN_SHARES = 8;
    static final int STRATA_OF_A_DEVICE = MAX_STRATA / 4;

    record StratumKey(String modelKey, RegionShape shape, CostSide side) {}

    static final class Stratum {
        final long[] latenciesNanos;
        final int[] devices;
        int size;
        long seen;

        Stratum(CostSide side) {
            int capacity = side == CostSide.CPU_BY_CONTRAST ? CONTRAST_SAMPLES : STRATUM_SAMPLES;
            latenciesNanos = new long[capacity];
            devices = new int[capacity];
        }

        private int samplesOf(int device) {
            int count = 0;
            for (int i = 0; i < size; i++) {
                count += devices[i] == device ? 1 : 0;
            }
            return count;
        }

        private long devicesBeside(int device) {
            return Arrays.stream(devices, 0, size).filter(other -> other != device).distinct().count();
        }

        private int slotOf(int device, int nth) {
            for (int i = 0, met = 0; i < size; i++) {
                if (devices[i] == device && met++ == nth) {
                    return i;
                }
            }
            throw new IllegalArgumentException("device " + device + " has no sample " + nth);
        }

        private void put(int slot, long latencyNanos, int device) {
            latenciesNanos[slot] = latencyNanos;
            devices[slot] = device;
        }
    }

    final long seed;
    // In the order of last use, oldest first.
    final Map<StratumKey, Stratum> strata;

    public RegionReservoir(long seed) {
        this.seed = seed;
        this.strata = new LinkedHashMap<>(64, 0.75f, true);
    }

    public void add(CostSample sample, String modelKey, int device) {
        StratumKey key = new StratumKey(modelKey, sample.shape(), sample.side());
        Stratum stratum = strata.get(key);
        if (stratum == null) {
            makeRoom(device);
            stratum = new Stratum(sample.side());
            strata.put(key, stratum);
        }
        stratum.seen++;
        int capacity = stratum.latenciesNanos.length;
        if (stratum.size < capacity) {
            stratum.put(stratum.size++, sample.latencyNanos(), device);
            return;
        }
        long span = Math.min(stratum.seen, (long) MEMORY * capacity);
        long slot = Long.remainderUnsigned(mix(seed ^ stratum.seen * 0x9E3779B97F4A7C15L), span);
        if (slot < capacity) {
            int own = stratum.samplesOf(device);
            boolean crowding = own >= capacity / Math.min(EVEN_SHARES, 1 + stratum.devicesBeside(device)) && own < capacity;
            stratum.put(crowding ? stratum.slotOf(device, (int) (slot % own)) : (int) slot, sample.latencyNanos(), device);
        }
    }

    private void makeRoom(int device) {
        if (strata.size() < MAX_STRATA) {
            return;
        }
        StratumKey oldest = null;
        StratumKey oldestOwn = null;
        int own = 0;
        for (Map.Entry<StratumKey, Stratum> entry : strata.entrySet()) {
            oldest = oldest == null ? entry.getKey() : oldest;
            if (entry.getValue().samplesOf(device) == entry.getValue().size) {
                oldestOwn = oldestOwn == null ? entry.getKey() : oldestOwn;
                own++;
            }
        }
        strata.remove(own >= STRATA_OF_A_DEVICE ? oldestOwn : oldest);
    }

    /** Lets the next runs of every stratum displace its old ones, as if these were all it ever saw. */
    void renew() {
        strata.values().forEach(stratum -> stratum.seen = stratum.size);
    }

    /** Drops every sample of the device. */
    public void forget(int device) {
        for (Iterator<Stratum> each = strata.values().iterator(); each.hasNext(); ) {
            Stratum stratum = each.next();
            int kept = 0;
            for (int i = 0; i < stratum.size; i++) {
                if (stratum.devices[i] != device) {
                    stratum.put(kept++, stratum.latenciesNanos[i], stratum.devices[i]);
                }
            }
            stratum.size = kept;
            if (kept == 0) {
                each.remove();
            }
        }
    }

    /** The kept runs, one entry a model, region and side. */
    public List<RegionRuns> regions() {
        List<RegionRuns> regions = new ArrayList<>(strata.size());
        strata.forEach((key, stratum) -> regions.add(new RegionRuns(key.modelKey(), key.shape(), key.side(),
                Arrays.copyOf(stratum.latenciesNanos, stratum.size), Arrays.copyOf(stratum.devices, stratum.size))));
        return regions;
    }

    // Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the finaliser.
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
