package io.parallaxfleet.streambench.fleet;

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
 * A simulated fleet whose n-th record depends on n and the seed alone. Its devices, {@value #DEVICES} unless told otherwise, of
 * {@value #CLASSES} classes report an inference a second each, of {@value #MODELS} models with 40 to 60 branches. A branch's time is its work on that class, times the
 * device's temper (10 %), times log-normal noise (15 %); of a hundred inferences one is cold, one throttled, one explored, and one in
 * two hundred falls back. Energy follows time, arena peaks are what was planned, as on real devices.
 */
public final class BenchFleet {
    public static final int DEVICES = 15_000;
    public static final int CLASSES = 3;
    public static final int MODELS = 8;
    public static final int MIN_BRANCHES = 40;
    public static final int MAX_BRANCHES = 60;

    private static final long SEED = 20_260_301;
    private static final long MILLIS_BETWEEN_RECORDS_OF_A_DEVICE = 1000;
    private static final int NOISES = 1 << 14;
    private static final double BRANCH_NOISE = 0.15;
    private static final double DEVICE_NOISE = 0.10;
    private static final byte CPU = 1;
    private static final byte ACCELERATOR = 2;

    /** One model on one class. */
    private record Model(PlanProfile plan, PlanProfile exploredPlan, long[] medianNanos, List<Long> peaks, byte[] placements) {}

    private final long startMillis;
    private final Model[][] models = new Model[CLASSES][MODELS];
    // Factors with a median of 1, drawn once: the logarithm and the normal deviate would be most of the generator's time.
    private final double[] noises = new double[NOISES];
    private final double[] tempers;
    private final int devices;

    /** @param startMillis event time of the first record */
    public BenchFleet(long startMillis) {
        this(startMillis, DEVICES);
    }

    public BenchFleet(long startMillis, int devices) {
        this.startMillis = startMillis;
        this.devices = devices;
        this.tempers = new double[devices];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < NOISES; i++) {
            noises[i] = Math.exp(BRANCH_NOISE * random.nextGaussian());
        }
        for (int i = 0; i < devices; i++) {
            tempers[i] = Math.exp(DEVICE_NOISE * random.nextGaussian());
        }
        for (int deviceClass = 0; deviceClass < CLASSES; deviceClass++) {
            for (int model = 0; model < MODELS; model++) {
                models[deviceClass][model] = model(deviceClass, model, random);
            }
        }
    }

    public List<PlanProfile> plans() {
        List<PlanProfile> plans = new ArrayList<>();
        for (Model[] ofClass : models) {
            for (Model model : ofClass) {
                plans.add(model.plan());
                plans.add(model.exploredPlan());
            }
        }
        return plans;
    }

    /** Which device sends the n-th record: the fleet in turn. */
    public String deviceId(long n) {
        return "sim-device-" + (100_000 + n % devices);
    }

    public InferenceTelemetry record(long n) {
        int device = (int) (n % devices);
        long round = n / devices;
        SplittableRandom random = new SplittableRandom(SEED ^ n * 0x9E3779B97F4A7C15L);
        Model model = models[device % CLASSES][(int) ((device + round) % MODELS)];
        int kind = random.nextInt(200);
        boolean explored = kind < 2;
        boolean warmup = kind == 2 || kind == 3;
        boolean throttled = kind == 4 || kind == 5;
        boolean fellBack = kind == 6;
        int branches = model.medianNanos().length;
        List<Long> latencies = new ArrayList<>(branches);
        List<Long> energies = new ArrayList<>(branches);
        byte[] actual = model.placements().clone();
        byte[] reasons = new byte[branches];
        long total = 0;
        long energy = 0;
        for (int i = 0; i < branches; i++) {
            long nanos = (long) (model.medianNanos()[i] * tempers[device] * noises[random.nextInt(NOISES)]) + random.nextInt(64);
            long microjoules = Math.max(1, nanos * (actual[i] == ACCELERATOR ? 2 : 3) / 1000);
            latencies.add(nanos);
            energies.add(microjoules);
            total += nanos;
            energy += microjoules;
            if (fellBack && actual[i] == ACCELERATOR) {
                actual[i] = CPU;
                reasons[i] = (byte) (1 + random.nextInt(4));
            }
        }
        return InferenceTelemetry.newBuilder()
                .setDeviceId(deviceId(n))
                .setDeviceClass(model.plan().getDeviceClass())
                .setSimulated(true)
                .setSessionId(Long.toHexString(0x4000_0000_0000_0000L | device * 0x9E3779B97F4A7C15L >>> 2))
                .setSequence(round)
                .setTimestamp(Instant.ofEpochMilli(eventTimeMillis(n)))
                .setModel(model.plan().getModel())
                .setPlanId((explored ? model.exploredPlan() : model.plan()).getPlanId())
                .setPolicyEpoch(0)
                .setLatencyNanos(total)
                .setArenaPeakBytes(3_000_000 + random.nextInt(1000) * 64L)
                .setOneSessionArenaBytes(4_000_000L)
                .setEnergyMicrojoules(energy)
                .setBranchLatencyNanos(latencies)
                .setBranchPlanned(ByteBuffer.wrap(model.placements()))
                .setBranchActual(ByteBuffer.wrap(actual))
                .setBranchFallback(ByteBuffer.wrap(reasons))
                .setBranchArenaPeakBytes(model.peaks())
                .setBranchEnergyMicrojoules(energies)
                .setBranchCoRunning(ByteBuffer.allocate(branches))
                .setExplored(explored)
                .setExplorationProbability(explored ? 0.01 : 0.99)
                .setWarmup(warmup)
                .setIdleGapNanos(900_000_000L + random.nextInt(10_000_000))
                .setThreads(2)
                .setThermalState(throttled ? ThermalState.SERIOUS : ThermalState.NOMINAL)
                .setBatteryPercent(80 - (int) (round % 40))
                .setCharging(false)
                .setFreeMemoryBytes(1_500_000_000L + random.nextInt(1 << 20) * 64L)
                .setMemoryBudgetBytes(1_200_000_000L)
                .setForeignCpuShare(random.nextInt(20) / 100.0)
                .setExclusiveTurn(true)
                .setValidity(fellBack ? Validity.FALLBACK : throttled ? Validity.THROTTLED : Validity.VALID)
                .setEnergySource("simulated")
                .setEnergySampleHertz(0)
                .build();
    }

    /** When the n-th inference ended, by its device's clock. */
    public long eventTimeMillis(long n) {
        return startMillis + n * MILLIS_BETWEEN_RECORDS_OF_A_DEVICE / devices;
    }

    private static Model model(int deviceClass, int number, SplittableRandom random) {
        int branches = MIN_BRANCHES + random.nextInt(MAX_BRANCHES - MIN_BRANCHES + 1);
        long[] medians = new long[branches];
        List<Long> peaks = new ArrayList<>();
        byte[] placements = new byte[branches];
        List<RegionProfile> regions = new ArrayList<>();
        List<BranchProfile> profiles = new ArrayList<>();
        for (int i = 0; i < branches; i++) {
            // From 30 µs to 3 ms, log-uniform.
            medians[i] = (long) (30_000 * Math.pow(100, random.nextDouble()));
            peaks.add(64L * (500 + random.nextInt(20_000)));
            boolean accelerator = i % 8 == 7;
            placements[i] = accelerator ? ACCELERATOR : CPU;
            long macs = medians[i] * (accelerator ? 40 : 10);
            if (accelerator) {
                regions.add(new RegionProfile(5, macs, 100_000L, true, "kept"));
            }
            profiles.add(new BranchProfile("L" + i / 2 + ".B" + i % 2, i / 2, accelerator ? Placement.ACCELERATOR : Placement.CPU,
                    accelerator ? regions.size() - 1 : null, 5, macs, 100_000L, peaks.get(i), "by the thresholds"));
        }
        String id = Long.toHexString(0x4000_0000_0000_0000L | random.nextLong() >>> 2);
        return new Model(plan(deviceClass, number, id, false, regions, profiles),
                plan(deviceClass, number, new StringBuilder(id).reverse().toString(), true, regions, profiles), medians, peaks,
                placements);
    }

    private static PlanProfile plan(int deviceClass, int model, String id, boolean explored, List<RegionProfile> regions,
            List<BranchProfile> branches) {
        return PlanProfile.newBuilder()
                .setPlanId(id)
                .setDeviceClass("sim-class-" + deviceClass)
                .setSimulated(true)
                .setModel("model-" + model)
                .setModelHash("hash-" + model)
                .setShapeKey("input:1x3x224x224")
                .setPolicyEpoch(0)
                .setExplored(explored)
                .setEngineVersion("benchmark")
                .setExecution(Execution.HETEROGENEOUS)
                .setOperators(5 * branches.size())
                .setMacs(1)
                .setLayers(branches.size() / 2)
                .setParallelLayers(branches.size() / 2)
                .setMaxBranchesInLayer(2)
                .setArenaBytes(3_000_000)
                .setOneSessionArenaBytes(4_000_000L)
                .setRegions(regions)
                .setBranches(branches)
                .build();
    }
}
