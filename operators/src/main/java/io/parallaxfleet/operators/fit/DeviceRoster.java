package io.parallaxfleet.operators.fit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whose runs a class learns from. A device has a voice after {@value #PROBATION} inferences; once the class has a cost model to
 * protect, a third as many devices as there are, and at least one, get one between two fits, so that made-up devices never
 * outnumber those that the fit already knows before it has judged them. A device that the fit finds lying is quarantined for
 * {@value #MEMORY_FITS} fits. Bounded: what is idle longest makes room. Not thread-safe.
 */
public final class DeviceRoster {
    static final int PROBATION = 3;
    static final int MEMORY_FITS = 240;
    static final int MAX_MEMBERS = 4096;
    static final int MAX_CANDIDATES = 1024;
    static final int MAX_QUARANTINED = 1024;

    /** What becomes of an inference. */
    public enum Admission { HEARD, ON_PROBATION, QUARANTINED }

    final long seed;
    /** Fits so far. */
    long fits;
    /** Members that came since the last fit. */
    int newcomers;
    // All in the order of last use, oldest first. Members: last fit before they were heard; candidates: inferences;
    // quarantined: the fit that found them.
    final Map<Integer, Long> members = lru();
    final Map<Integer, Integer> candidates = lru();
    final Map<Integer, Long> quarantined = lru();

    DeviceRoster(long seed) {
        this.seed = seed;
    }

    private static <T> Map<Integer, T> lru() {
        return new LinkedHashMap<>(16, 0.75f, true);
    }

    /** The number under which a device's samples are kept; depends on the seed, so that nobody can aim for another's. */
    int number(String deviceId) {
        long hash = seed;
        for (int i = 0; i < deviceId.length(); i++) {
            hash = RegionReservoir.mix(hash ^ deviceId.charAt(i) + 0x9E3779B97F4A7C15L);
        }
        int number = (int) (hash ^ hash >>> 32);
        return number == 0 ? 1 : number;
    }

    /** @param guarded whether the class has a cost model to protect from a flood of newcomers */
    Admission admit(int device, boolean guarded) {
        if (quarantined.get(device) != null) {
            return Admission.QUARANTINED;
        }
        if (members.get(device) != null) {
            members.put(device, fits);
            return Admission.HEARD;
        }
        int inferences = candidates.merge(device, 1, Integer::sum);
        bound(candidates, MAX_CANDIDATES);
        if (inferences <= PROBATION || guarded && newcomers >= Math.max(1, (members.size() - newcomers) / 3)) {
            return Admission.ON_PROBATION;
        }
        candidates.remove(device);
        members.put(device, fits);
        bound(members, MAX_MEMBERS);
        newcomers++;
        return Admission.HEARD;
    }

    void quarantine(int device) {
        members.remove(device);
        quarantined.put(device, fits);
        bound(quarantined, MAX_QUARANTINED);
    }

    /** A fit was made: newcomers may come again, and what was done {@value #MEMORY_FITS} fits ago is forgotten. */
    void settle() {
        fits++;
        newcomers = 0;
        quarantined.values().removeIf(since -> fits - since > MEMORY_FITS);
    }

    /** Members heard in none of the last {@value #MEMORY_FITS} fits; they are members no more. */
    int[] retire() {
        int[] silent = members.entrySet().stream().filter(member -> fits - member.getValue() > MEMORY_FITS)
                .mapToInt(Map.Entry::getKey).toArray();
        for (int device : silent) {
            members.remove(device);
        }
        return silent;
    }

    private static void bound(Map<Integer, ?> devices, int most) {
        if (devices.size() > most) {
            Iterator<Integer> oldest = devices.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
