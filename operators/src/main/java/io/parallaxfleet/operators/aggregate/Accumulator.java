package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything one window of one {@link AggregateKey} holds. Warm, valid, unforced samples are measured; cold ones, invalid
 * ones and ones that did not run where planned are only counted, each once and in that order. Merging two accumulators gives
 * what adding all samples to one would have given. Not thread-safe.
 */
public final class Accumulator {
    final LatencySketch latency;
    final Set<String> devices;
    final Set<String> energySources;
    long coldCount;
    long invalidCount;
    long fallbackCount;
    double latencySumNanos;
    long arenaPeakBytesMax;
    double overheadSum;
    long overheadCount;
    double energySumMicrojoules;
    long energyCount;

    public Accumulator() {
        this(new LatencySketch(), new HashSet<>(), new TreeSet<>());
    }

    Accumulator(LatencySketch latency, Set<String> devices, Set<String> energySources) {
        this.latency = latency;
        this.devices = devices;
        this.energySources = energySources;
    }

    public void add(Measurement sample) {
        devices.add(sample.deviceId());
        if (!sample.warm()) {
            coldCount++;
        } else if (sample.fallback()) {
            fallbackCount++;
        } else if (!sample.valid()) {
            invalidCount++;
        } else {
            measure(sample);
        }
    }

    private void measure(Measurement sample) {
        latency.add(sample.latencyNanos());
        latencySumNanos += sample.latencyNanos();
        arenaPeakBytesMax = Math.max(arenaPeakBytesMax, sample.arenaPeakBytes());
        if (sample.oneSessionArenaBytes() != null && sample.oneSessionArenaBytes() > 0) {
            overheadSum += (double) sample.arenaPeakBytes() / sample.oneSessionArenaBytes() - 1;
            overheadCount++;
        }
        if (sample.energyMicrojoules() != null) {
            energySumMicrojoules += sample.energyMicrojoules();
            energyCount++;
            energySources.add(sample.energySource());
        }
    }

    public void merge(Accumulator other) {
        latency.merge(other.latency);
        devices.addAll(other.devices);
        energySources.addAll(other.energySources);
        coldCount += other.coldCount;
        invalidCount += other.invalidCount;
        fallbackCount += other.fallbackCount;
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

    /** The latencies measured so far; the caller does not change it. */
    public LatencySketch latency() {
        return latency;
    }

    /** Distinct devices, of whatever samples. */
    public int devices() {
        return devices.size();
    }

    /**
     * The window's record. Without a measured sample its quantiles and mean are 0 and its count says so; energy metered by
     * several sources names them all, joined by {@code +}.
     */
    public ClassAggregate result(AggregateKey key, long windowStartMillis, long windowEndMillis) {
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
                .setCount(count)
                .setColdCount(coldCount)
                .setInvalidCount(invalidCount)
                .setFallbackCount(fallbackCount)
                .setDevices(devices.size())
                .setLatencyP50Nanos(count == 0 ? 0 : latency.quantile(0.5))
                .setLatencyP90Nanos(count == 0 ? 0 : latency.quantile(0.9))
                .setLatencyP99Nanos(count == 0 ? 0 : latency.quantile(0.99))
                .setLatencyMeanNanos(count == 0 ? 0 : latencySumNanos / count)
                .setArenaPeakBytesMax(arenaPeakBytesMax)
                .setMemoryOverhead(overheadCount == 0 ? null : overheadSum / overheadCount)
                .setEnergyMicrojoulesMean(energyCount == 0 ? null : energySumMicrojoules / energyCount)
                .setEnergySource(energySources.isEmpty() ? "none" : String.join("+", energySources))
                .build();
    }
}
