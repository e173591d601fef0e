package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.time.Instant;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything one window of one {@link AggregateKey} holds. Warm, valid, unforced samples are measured; cold ones, invalid
 * ones and ones that did not run where planned are only counted, each once. Merging two accumulators gives what adding all samples
 * to one would have given. Not thread-safe.
 */
public final class Accumulator {
    final LatencySketch latency;
    final DeviceCount devices;
    final SortedSet<String> energySources;
    /** By {@link FallbackReason}. */
    final long[] fallbackReasons = new long[FallbackReason.COUNT];
    long coldCount;
    long invalidCount;
    long fallbackCount;
    long plannedAcceleratorCount;
    long actualAcceleratorCount;
    double latencySumNanos;
    long arenaPeakBytesMax;
    double overheadSum;
    long overheadCount;
    double energySumMicrojoules;
    long energyCount;
    // The source added last, by identity: nearly every sample has the same.
    private String lastEnergySource;

    public Accumulator() {
        this(new DeviceCount());
    }

    /** @param devices counted by the caller, for all accumulators that the same devices report to; merging needs one of its own */
    public Accumulator(DeviceCount devices) {
        this(new LatencySketch(), devices, new TreeSet<>());
    }

    Accumulator(LatencySketch latency, DeviceCount devices, SortedSet<String> energySources) {
        this.latency = latency;
        this.devices = devices;
        this.energySources = energySources;
    }

    /** A sample's device, whatever became of it; not for accumulators that share their count of devices. */
    public void addDevice(long hash) {
        devices.add(hash);
    }

    /** A warm, valid sample that ran where it was planned. */
    public void addMeasured(long latencyNanos, long arenaPeakBytes) {
        latency.add(latencyNanos);
        latencySumNanos += latencyNanos;
        arenaPeakBytesMax = Math.max(arenaPeakBytesMax, arenaPeakBytes);
    }

    /** What a measured sample took, by which meter or model. */
    public void addEnergy(long microjoules, String source) {
        energySumMicrojoules += microjoules;
        energyCount++;
        // By identity on purpose: an equal one is only added again.
        if (source != lastEnergySource) {
            energySources.add(source);
            lastEnergySource = source;
        }
    }

    /** What several measured samples took together. */
    void addEnergies(double microjoules, long samples, String source) {
        energySumMicrojoules += microjoules;
        energyCount += samples;
        energySources.add(source);
    }

    /** The sum and the peak of measured samples whose latencies are put into the sketch apart. */
    void addSums(double latencySum, long arenaPeakBytes) {
        latencySumNanos += latencySum;
        arenaPeakBytesMax = Math.max(arenaPeakBytesMax, arenaPeakBytes);
    }

    /** What a measured sample took in arenas, and the one-session baseline of its device and model, which is above 0. */
    public void addOverhead(long arenaPeakBytes, long oneSessionArenaBytes) {
        overheadSum += (double) arenaPeakBytes / oneSessionArenaBytes - 1;
        overheadCount++;
    }

    public void addCold() {
        coldCount++;
    }

    public void addInvalid() {
        invalidCount++;
    }

    /** A sample that did not run where it was planned. */
    public void addFallback() {
        fallbackCount++;
    }

    /** Why, in whatever sample; a whole inference may have several reasons. */
    public void addFallbackReason(int code) {
        fallbackReasons[code]++;
    }

    /** Samples, of whatever kind, that were planned for the accelerator, and ones that ran there. */
    public void addPlacements(long planned, long actual) {
        plannedAcceleratorCount += planned;
        actualAcceleratorCount += actual;
    }

    public void merge(Accumulator other) {
        latency.merge(other.latency);
        devices.merge(other.devices);
        if (!energySources.equals(other.energySources)) {
            energySources.addAll(other.energySources);
        }
        for (int code = 0; code < fallbackReasons.length; code++) {
            fallbackReasons[code] += other.fallbackReasons[code];
        }
        coldCount += other.coldCount;
        invalidCount += other.invalidCount;
        fallbackCount += other.fallbackCount;
        plannedAcceleratorCount += other.plannedAcceleratorCount;
        actualAcceleratorCount += other.actualAcceleratorCount;
        latencySumNanos += other.latencySumNanos;
        arenaPeakBytesMax = Math.max(arenaPeakBytesMax, other.arenaPeakBytesMax);
        overheadSum += other.overheadSum;
        overheadCount += other.overheadCount;
        energySumMicrojoules += other.energySumMicrojoules;
        energyCount += other.energyCount;
    }

    /** Warm, valid samples: those behind every figure. */
    public long count() {
        return latency.count();
    }

    /** All samples, of whatever kind. */
    public long samples() {
        return latency.count() + coldCount + invalidCount + fallbackCount;
    }

    /** The latencies measured so far; the caller does not change it. */
    public LatencySketch latency() {
        return latency;
    }

    /** Measured samples whose energy is known. */
    public long energyCount() {
        return energyCount;
    }

    /** Mean energy of those; only to be asked for where there are some. */
    public double energyMicrojoulesMean() {
        return energySumMicrojoules / energyCount;
    }

    /** The meters or models behind it, joined by {@code +}; {@code none} without any. */
    public String energySource() {
        return energySources.isEmpty() ? "none" : String.join("+", energySources);
    }

    /** Distinct devices, of whatever samples; exact up to 64. */
    public int devices() {
        return devices.estimate();
    }

    /**
     * The window's record. Without a measured sample its quantiles and mean are 0 and its count says so; energy metered by
     * several sources names them all, joined by {@code +}.
     *
     * @param rollup whether the window is a long one, merged from the short ones
     */
    public ClassAggregate result(AggregateKey key, long windowStartMillis, long windowEndMillis, boolean rollup) {
        long count = count();
        return ClassAggregate.newBuilder()
                .setDeviceClass(key.classKey().deviceClass())
                .setSimulated(key.classKey().simulated())
                .setModel(key.model())
                .setBranch(key.branch())
                .setPlacement(key.placement())
                .setPlanId(key.planId())
                .setPolicyEpoch(key.policyEpoch())
                .setExplored(key.explored())
                .setWindowStart(Instant.ofEpochMilli(windowStartMillis))
                .setWindowEnd(Instant.ofEpochMilli(windowEndMillis))
                .setRollup(rollup)
                .setCount(count)
                .setColdCount(coldCount)
                .setInvalidCount(invalidCount)
                .setFallbackCount(fallbackCount)
                .setFallbackReasons(reasons())
                .setPlannedAcceleratorCount(plannedAcceleratorCount)
                .setActualAcceleratorCount(actualAcceleratorCount)
                .setDevices(devices.estimate())
                .setLatencyP50Nanos(count == 0 ? 0 : latency.quantile(0.5))
                .setLatencyP90Nanos(count == 0 ? 0 : latency.quantile(0.9))
                .setLatencyP99Nanos(count == 0 ? 0 : latency.quantile(0.99))
                .setLatencyMeanNanos(count == 0 ? 0 : latencySumNanos / count)
                .setArenaPeakBytesMax(arenaPeakBytesMax)
                .setMemoryOverhead(overheadCount == 0 ? null : overheadSum / overheadCount)
                .setEnergyMicrojoulesMean(energyCount == 0 ? null : energySumMicrojoules / energyCount)
                .setEnergySource(energySource())
                .build();
    }

    private Map<String, Long> reasons() {
        Map<String, Long> reasons = new TreeMap<>();
        for (FallbackReason reason : FallbackReason.values()) {
            if (fallbackReasons[reason.code()] > 0) {
                reasons.put(reason.name(), fallbackReasons[reason.code()]);
            }
        }
        return reasons;
    }
}
