package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the bytes of one telemetry record into numbers, without an object a field. It knows the rules of {@link TelemetryRules} and
 * takes a record only if it breaks none for sure; what it does not take is for {@link TelemetryDecoder} to look at and to say why.
 * One reader is used for record after record, and what it returned belongs to the last. Not thread-safe.
 */
public final class InferenceReader {
    private static final ThermalState[] THERMAL_STATES = ThermalState.values();
    private static final Validity[] VALIDITIES = Validity.values();
    private static final byte[] SIMULATED_PREFIX = TelemetryRules.SIMULATED_PREFIX.getBytes(StandardCharsets.US_ASCII);

    private final NameTable names = new NameTable();
    private final RecordCursor cursor = new RecordCursor();
    private final BranchColumns columns = new BranchColumns();

    private final NameField device = new NameField();
    private final NameField deviceClass = new NameField();
    private final NameField model = new NameField();
    private final NameField plan = new NameField();
    private final NameField source = new NameField();
    private boolean simulated;
    private long sequence;
    private long timestampMillis;
    private long policyEpoch;
    private long latencyNanos;
    private long arenaPeakBytes;
    private long oneSessionArenaBytes;
    private long energyMicrojoules;
    private boolean explored;
    private boolean warmup;
    private ThermalState thermalState = ThermalState.UNKNOWN;
    private double foreignCpuShare;
    private Validity validity = Validity.UNKNOWN;

    /**
     * Reads a record that was checked before.
     *
     * @throws IllegalArgumentException where it surely was not
     */
    public void read(RawInference inference) {
        if (!readFrom(inference.bytes(), inference.start(), true)) {
            throw new IllegalArgumentException("the record was not checked: session " + inference.session());
        }
    }

    /**
     * Reads the record from {@code start} to the end of the array.
     *
     * @return false where it is not certain that it is whole and breaks no rule; what the reader holds is then worthless. The rules
     *     of time are not among them.
     */
    boolean take(byte[] record, int start) {
        return readFrom(record, start, false);
    }

    private boolean readFrom(byte[] record, int start, boolean checked) {
        cursor.start(record, start, checked);
        try {
            header();
            columns.read(cursor);
            context();
            if (!cursor.doubtful()) {
                columns.passBodies(cursor);
            }
        } catch (IndexOutOfBoundsException e) {
            // It is shorter than it says.
            cursor.doubt(true);
            return false;
        }
        cursor.doubt(!cursor.atEnd());
        return !cursor.doubtful() && !cursor.oddName();
    }

    private void header() {
        device.read(cursor);
        deviceClass.read(cursor);
        simulated = cursor.bool();
        cursor.doubt(simulated != startsWithSimulatedPrefix());
        cursor.name();
        sequence = cursor.amount();
        timestampMillis = cursor.number();
        model.read(cursor);
        plan.read(cursor);
        policyEpoch = cursor.amount();
        cursor.doubt(policyEpoch > ControlRules.MAX_EPOCH);
        latencyNanos = cursor.amount();
        cursor.doubt(latencyNanos >= TelemetryRules.ABSURD);
        arenaPeakBytes = cursor.amount();
        oneSessionArenaBytes = cursor.present() ? cursor.amount() : -1;
        energyMicrojoules = cursor.present() ? cursor.amount() : -1;
        cursor.doubt(energyMicrojoules >= TelemetryRules.ABSURD);
    }

    private void context() {
        if (cursor.doubtful()) {
            return;
        }
        explored = cursor.bool();
        double probability = cursor.real();
        cursor.doubt(!(probability > 0 && probability <= 1));
        warmup = cursor.bool();
        cursor.number();
        cursor.integer();
        thermalState = THERMAL_STATES[cursor.code(THERMAL_STATES.length)];
        if (cursor.present()) {
            int battery = cursor.integer();
            cursor.doubt(battery < 0 || battery > 100);
        }
        if (cursor.present()) {
            cursor.bool();
        }
        cursor.number();
        cursor.number();
        foreignCpuShare = cursor.real();
        cursor.doubt(!(foreignCpuShare >= 0 && foreignCpuShare <= 1) && foreignCpuShare != -1);
        cursor.bool();
        validity = VALIDITIES[cursor.code(VALIDITIES.length)];
        if (cursor.present()) {
            cursor.skip();
        }
        source.read(cursor);
        double hertz = cursor.real();
        cursor.doubt(!(hertz >= 0) || Double.isInfinite(hertz));
    }

    private boolean startsWithSimulatedPrefix() {
        return deviceClass.end() - deviceClass.start() >= SIMULATED_PREFIX.length
                && Arrays.equals(cursor.bytes(), deviceClass.start(), deviceClass.start() + SIMULATED_PREFIX.length, SIMULATED_PREFIX, 0,
                        SIMULATED_PREFIX.length);
    }

    public String deviceId() {
        return new String(cursor.bytes(), device.start(), device.end() - device.start(), StandardCharsets.UTF_8);
    }

    /** 64 bits by which devices are told apart where only their number matters. */
    public long deviceHash() {
        return NameTable.hash(cursor.bytes(), device.start(), device.end());
    }

    public String deviceClass() {
        return deviceClass.in(cursor.bytes(), names);
    }

    public boolean simulated() {
        return simulated;
    }

    public String model() {
        return model.in(cursor.bytes(), names);
    }

    public String planId() {
        return plan.in(cursor.bytes(), names);
    }

    public String energySource() {
        return source.in(cursor.bytes(), names);
    }

    public long sequence() {
        return sequence;
    }

    public long timestampMillis() {
        return timestampMillis;
    }

    public long policyEpoch() {
        return policyEpoch;
    }

    public boolean explored() {
        return explored;
    }

    public boolean warmup() {
        return warmup;
    }

    public Validity validity() {
        return validity;
    }

    public ThermalState thermalState() {
        return thermalState;
    }

    public double foreignCpuShare() {
        return foreignCpuShare;
    }

    public long latencyNanos() {
        return latencyNanos;
    }

    public long arenaPeakBytes() {
        return arenaPeakBytes;
    }

    /** -1 where unknown. */
    public long oneSessionArenaBytes() {
        return oneSessionArenaBytes;
    }

    /** -1 where unavailable. */
    public long energyMicrojoules() {
        return energyMicrojoules;
    }

    /** How many entries the columns have; 0 for an inference that failed before it ran. */
    public int branches() {
        return columns.branches();
    }

    /** The reader's own array; entries from {@link #branches()} on are of other records. */
    public long[] branchLatenciesNanos() {
        return columns.latencies();
    }

    /** The reader's own array; entries from {@link #branches()} on are of other records. */
    public long[] branchArenaPeaksBytes() {
        return columns.peaks();
    }

    /** The reader's own array; null where energy was not attributed to branches. */
    public long[] branchEnergiesMicrojoules() {
        return columns.energies();
    }

    /** Placement code: 1 CPU, 2 accelerator. */
    public byte planned(int branch) {
        return columns.planned(branch);
    }

    /** Placement code: 1 CPU, 2 accelerator. */
    public byte actual(int branch) {
        return columns.actual(branch);
    }

    /** Reason code, 0 for none. */
    public byte fallback(int branch) {
        return columns.fallback(branch);
    }

    public boolean anyFallbackReason() {
        return columns.anyFallbackReason();
    }

    /** Whether any branch was planned there. */
    public boolean plannedAnywhere(byte placement) {
        return columns.plannedAnywhere(placement);
    }

    /** Whether any branch ran there. */
    public boolean ranAnywhere(byte placement) {
        return columns.ranAnywhere(placement);
    }

    /** Whether every branch ran where it was planned. */
    public boolean asPlanned() {
        return columns.asPlanned();
    }

    /** Whether the branches were planned exactly as these placement codes say. */
    public boolean plannedAs(byte[] placements) {
        return columns.plannedAs(placements);
    }
}
