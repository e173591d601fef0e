package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.Execution;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Telemetry of a class whose truth is known: CPU 1e-10 s/MAC, accelerator 200 µs + 4e-10 s/MAC + 1e-9 s/B, so that it is never worth
 * delegating, though the built-in thresholds delegate the upper half of the regions. 10 % noise, seeded. The n-th record depends on n
 * alone.
 */
final class SyntheticFleet implements Serializable {
    private static final long serialVersionUID = 1L;

    static final String DEVICE_CLASS = "board";
    static final int DEVICES = 4;
    static final int MODELS = 3;
    private static final int REGIONS_PER_MODEL = 8;
    private static final long PAPER_MIN_MACS = 1_000_000_000L;

    private final long startMillis;
    private final long stepMillis;

    SyntheticFleet(long startMillis, long stepMillis) {
        this.startMillis = startMillis;
        this.stepMillis = stepMillis;
    }

    /** One plan a model, as the thresholds of the epoch make it. */
    List<PlanProfile> plans(long epoch, boolean delegating) {
        List<PlanProfile> plans = new ArrayList<>();
        for (int model = 0; model < MODELS; model++) {
            plans.add(plan(model, epoch, delegating));
        }
        return plans;
    }

    /** The n-th record under the built-in thresholds. */
    Intake telemetry(long n) {
        return telemetry(n, 0, true);
    }

    /** The n-th record under thresholds that delegate like the built-in ones, or not at all. */
    Intake telemetry(long n, long epoch, boolean delegating) {
        return record((int) (n % DEVICES), (int) (n / DEVICES % MODELS), n / DEVICES, startMillis + n * stepMillis, epoch, delegating, 1,
                new SplittableRandom(n));
    }

    /** Any record. @param slower factor on every branch's time */
    static Intake record(int device, int model, long sequence, long timestamp, long epoch, boolean delegating, double slower,
            SplittableRandom random) {
        List<Long> latencies = new ArrayList<>();
        List<Long> peaks = new ArrayList<>();
        byte[] placements = new byte[REGIONS_PER_MODEL];
        long total = 0;
        for (int region = 0; region < REGIONS_PER_MODEL; region++) {
            boolean accelerator = delegating && macs(model, region) >= PAPER_MIN_MACS;
            double seconds = accelerator
                    ? 200e-6 + macs(model, region) * 4e-10 + bytes(model, region) * 1e-9
                    : macs(model, region) * 1e-10;
            long nanos = Math.round(seconds * 1e9 * slower * (0.9 + 0.2 * random.nextDouble()));
            placements[region] = (byte) (accelerator ? 2 : 1);
            latencies.add(nanos);
            peaks.add(1_000_000L);
            total += nanos;
        }
        InferenceTelemetry telemetry = InferenceTelemetry.newBuilder()
                .setDeviceId("device-" + device)
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(false)
                .setSessionId("session")
                .setSequence(sequence)
                .setTimestamp(Instant.ofEpochMilli(timestamp))
                .setModel("model-" + model)
                .setPlanId(planId(model, epoch))
                .setPolicyEpoch(epoch)
                .setLatencyNanos(total)
                .setArenaPeakBytes(3_000_000)
                .setOneSessionArenaBytes(2_000_000L)
                .setEnergyMicrojoules(5_000L)
                .setBranchLatencyNanos(latencies)
                .setBranchPlanned(ByteBuffer.wrap(placements))
                .setBranchActual(ByteBuffer.wrap(placements.clone()))
                .setBranchFallback(ByteBuffer.allocate(REGIONS_PER_MODEL))
                .setBranchArenaPeakBytes(peaks)
                .setBranchCoRunning(ByteBuffer.allocate(REGIONS_PER_MODEL))
                .setExplored(false)
                .setExplorationProbability(1)
                .setWarmup(false)
                .setIdleGapNanos(1_000_000)
                .setThreads(2)
                .setThermalState(ThermalState.NOMINAL)
                .setFreeMemoryBytes(1L << 30)
                .setMemoryBudgetBytes(1L << 29)
                .setForeignCpuShare(0.1)
                .setExclusiveTurn(true)
                .setValidity(Validity.VALID)
                .setEnergySource("cpu-time-model")
                .setEnergySampleHertz(0)
                .build();
        return new Intake(RawInference.of(telemetry), null, timestamp);
    }

    private static String planId(int model, long epoch) {
        return "plan-" + model + "-" + epoch;
    }

    private static PlanProfile plan(int model, long epoch, boolean delegating) {
        List<RegionProfile> regions = new ArrayList<>();
        List<BranchProfile> branches = new ArrayList<>();
        for (int region = 0; region < REGIONS_PER_MODEL; region++) {
            boolean delegated = delegating && macs(model, region) >= PAPER_MIN_MACS;
            regions.add(new RegionProfile(5, macs(model, region), bytes(model, region), delegated, "by the thresholds"));
            branches.add(new BranchProfile("L" + region + ".B0", region, delegated ? Placement.ACCELERATOR : Placement.CPU,
                    delegated ? region : null, 5, macs(model, region), bytes(model, region), 1_000_000L, "by the thresholds"));
        }
        return PlanProfile.newBuilder()
                .setPlanId(planId(model, epoch))
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(false)
                .setModel("model-" + model)
                .setModelHash("hash-" + model)
                .setShapeKey("input:1x3")
                .setPolicyEpoch(epoch)
                .setExplored(false)
                .setEngineVersion("test")
                .setExecution(Execution.HETEROGENEOUS)
                .setOperators(40)
                .setMacs(1)
                .setLayers(REGIONS_PER_MODEL)
                .setParallelLayers(0)
                .setMaxBranchesInLayer(1)
                .setArenaBytes(3_000_000)
                .setOneSessionArenaBytes(2_000_000L)
                .setRegions(regions)
                .setBranches(branches)
                .build();
    }

    // From 60e6 to 20e9 MACs; the lower half of a model's regions stays on the CPU under the built-in thresholds.
    private static long macs(int model, int region) {
        return Math.round(60e6 * Math.pow(2.1, region) * (1 + 0.17 * model));
    }

    private static long bytes(int model, int region) {
        return 100_000L * (1 + (region * 7 + model * 3) % 11);
    }
}
