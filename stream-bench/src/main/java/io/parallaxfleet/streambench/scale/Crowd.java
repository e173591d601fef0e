package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.Execution;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Simulated devices of one class that run small models: {@value #REGIONS} candidate regions each, the lighter half on the CPU, the
 * heavier half on an accelerator of known cost. An explored run keeps all of them on the CPU. Times scatter by 15 %. Immutable.
 */
final class Crowd {
    static final int REGIONS = 8;

    private static final double CPU_SECONDS_PER_MAC = 1e-10;
    private static final double DISPATCH_SECONDS = 2e-4;
    private static final double ACCELERATOR_SECONDS_PER_MAC = 2e-11;
    private static final double SECONDS_PER_BYTE = 2.5e-10;
    private static final byte CPU = 1;
    private static final byte ACCELERATOR = 2;
    private static final long MILLIS_UNKNOWN_IDLE = 900;

    private final String deviceClass;
    private final int models;

    Crowd(String deviceClass, int models) {
        this.deviceClass = deviceClass;
        this.models = models;
    }

    String deviceClass() {
        return deviceClass;
    }

    /** The plans of all models under an epoch, and those that explored runs have. */
    List<PlanProfile> plans(long epoch) {
        List<PlanProfile> plans = new ArrayList<>();
        for (int model = 0; model < models; model++) {
            plans.add(plan(model, epoch, false));
            plans.add(plan(model, epoch, true));
        }
        return plans;
    }

    /**
     * One inference.
     *
     * @param slower factor on every branch's time
     */
    InferenceTelemetry inference(String device, long sequence, long atMillis, long epoch, boolean explored, double slower,
            SplittableRandom random) {
        int model = (int) (sequence % models);
        List<Long> latencies = new ArrayList<>(REGIONS);
        List<Long> peaks = new ArrayList<>(REGIONS);
        byte[] placements = new byte[REGIONS];
        long total = 0;
        for (int region = 0; region < REGIONS; region++) {
            boolean accelerated = !explored && delegated(region);
            double seconds = accelerated
                    ? DISPATCH_SECONDS + macs(model, region) * ACCELERATOR_SECONDS_PER_MAC + bytes(model, region) * SECONDS_PER_BYTE
                    : macs(model, region) * CPU_SECONDS_PER_MAC;
            long nanos = Math.round(seconds * 1e9 * slower * Math.max(0.5, 1 + 0.15 * random.nextGaussian()));
            placements[region] = accelerated ? ACCELERATOR : CPU;
            latencies.add(nanos);
            peaks.add(1_000_000L);
            total += nanos;
        }
        return InferenceTelemetry.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(deviceClass)
                .setSimulated(true)
                .setSessionId("session")
                .setSequence(sequence)
                .setTimestamp(Instant.ofEpochMilli(atMillis))
                .setModel("model-" + model)
                .setPlanId(planId(model, epoch, explored))
                .setPolicyEpoch(epoch)
                .setLatencyNanos(total)
                .setArenaPeakBytes(3_000_000)
                .setOneSessionArenaBytes(2_000_000L)
                .setEnergyMicrojoules(null)
                .setBranchLatencyNanos(latencies)
                .setBranchPlanned(ByteBuffer.wrap(placements))
                .setBranchActual(ByteBuffer.wrap(placements.clone()))
                .setBranchFallback(ByteBuffer.allocate(REGIONS))
                .setBranchArenaPeakBytes(peaks)
                .setBranchCoRunning(ByteBuffer.allocate(REGIONS))
                .setExplored(explored)
                .setExplorationProbability(explored ? 0.1 : 0.9)
                .setWarmup(false)
                .setIdleGapNanos(MILLIS_UNKNOWN_IDLE * 1_000_000)
                .setThreads(2)
                .setThermalState(ThermalState.NOMINAL)
                .setFreeMemoryBytes(1L << 30)
                .setMemoryBudgetBytes(1L << 29)
                .setForeignCpuShare(0.1)
                .setExclusiveTurn(true)
                .setValidity(Validity.VALID)
                .setEnergySource("unavailable")
                .setEnergySampleHertz(0)
                .build();
    }

    private String planId(int model, long epoch, boolean explored) {
        return deviceClass + "-" + model + "-" + epoch + (explored ? "-explored" : "");
    }

    private PlanProfile plan(int model, long epoch, boolean explored) {
        List<RegionProfile> regions = new ArrayList<>();
        List<BranchProfile> branches = new ArrayList<>();
        for (int region = 0; region < REGIONS; region++) {
            boolean kept = !explored && delegated(region);
            regions.add(new RegionProfile(5, macs(model, region), bytes(model, region), kept, "by the thresholds"));
            branches.add(new BranchProfile("L" + region + ".B0", region, kept ? Placement.ACCELERATOR : Placement.CPU, kept ? region : null, 5,
                    macs(model, region), bytes(model, region), 1_000_000L, "by the thresholds"));
        }
        return PlanProfile.newBuilder()
                .setPlanId(planId(model, epoch, explored))
                .setDeviceClass(deviceClass)
                .setSimulated(true)
                .setModel("model-" + model)
                .setModelHash("hash-" + model)
                .setShapeKey("input:1x3x224x224")
                .setPolicyEpoch(epoch)
                .setExplored(explored)
                .setEngineVersion("benchmark")
                .setExecution(Execution.HETEROGENEOUS)
                .setOperators(5 * REGIONS)
                .setMacs(1)
                .setLayers(REGIONS)
                .setParallelLayers(0)
                .setMaxBranchesInLayer(1)
                .setArenaBytes(3_000_000)
                .setOneSessionArenaBytes(2_000_000L)
                .setRegions(regions)
                .setBranches(branches)
                .build();
    }

    private static boolean delegated(int region) {
        return region >= REGIONS / 2;
    }

    // From 6e6 to 2e9 MACs.
    private static long macs(int model, int region) {
        return Math.round(6e6 * Math.pow(2.1, region) * (1 + 0.17 * model));
    }

    private static long bytes(int model, int region) {
        return 100_000L * (1 + (region * 7 + model * 3) % 11);
    }
}
