package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the bytes of one telemetry record into numbers, without an object a field. It knows the rules of {@link TelemetryRules} and
 * takes a record only if it breaks none for sure; what it does not take is for {@link TelemetryDecoder} to look at and to say why.
 * One reader is used for record after record, and what it returned belongs to the last. Not thread-safe.
 */
public final class InferenceReader {
    private static final VarHandle DOUBLES = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final ThermalState[] THERMAL_STATES = ThermalState.values();
    private static final Validity[] VALIDITIES = Validity.values();
    private static final byte[] SIMULATED_PREFIX = TelemetryRules.SIMULATED_PREFIX.getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_CODE = 4;

    private final NameTable names = new NameTable();

    private byte[] bytes = {};
    private int position;
    private boolean doubtful;
    // A name that only the slow way can judge; a record that passed there may have it.
    private boolean oddName;

    private int deviceStart;
    private int deviceEnd;
    private int classStart;
    private int classEnd;
    private int modelStart;
    private int modelEnd;
    private int planStart;
    private int planEnd;
    private int sourceStart;
    private int sourceEnd;
    private boolean simulated;
    private long sequence;
    private long timestampMillis;
    private long policyEpoch;
    private long latencyNanos;
    private long arenaPeakBytes;
    private long oneSessionArenaBytes;
    private long energyMicrojoules;
    private int branches;
    private long[] branchLatencies = new long[64];
    private long[] branchPeaks = new long[64];
    private long[] branchEnergies = new long[64];
    private boolean branchEnergyKnown;
    private int planned;
    private int actual;
    private int fallback;
    private boolean anyFallbackReason;
    private boolean explored;
    private boolean warmup;
    private ThermalState thermalState = ThermalState.UNKNOWN;
    private double foreignCpuShare;
    private Validity validity = Validity.UNKNOWN;

    /** Reads a record that was checked before. */
    public void read(RawInference inference) {
        if (!take(inference.bytes(), inference.start()) && !(oddName && !doubtful)) {
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
        bytes = record;
        position = start;
        doubtful = false;
        oddName = false;
        try {
            header();
            columns();
            context();
        } catch (IndexOutOfBoundsException e) {
            // The array's own bounds are where the record ends.
            doubtful = true;
            return false;
        }
        doubtful |= position != bytes.length;
        return !doubtful && !oddName;
    }

    public InferenceReader() {}

    private void header() {
        deviceStart = name();
        deviceEnd = position;
        classStart = name();
        classEnd = position;
        simulated = bool();
        doubtful |= simulated != startsWithSimulatedPrefix();
        name();
        sequence = amount();
        timestampMillis = number();
        modelStart = name();
        modelEnd = position;
        planStart = name();
        planEnd = position;
        policyEpoch = amount();
        doubtful |= policyEpoch > ControlRules.MAX_EPOCH;
        latencyNanos = amount();
        doubtful |= latencyNanos >= TelemetryRules.ABSURD;
        arenaPeakBytes = amount();
        oneSessionArenaBytes = present() ? amount() : -1;
        energyMicrojoules = present() ? amount() : -1;
        doubtful |= energyMicrojoules >= TelemetryRules.ABSURD;
    }

    private void columns() {
        branches = items();
        if (branchLatencies.length < branches) {
            branchLatencies = new long[branches];
            branchPeaks = new long[branches];
            branchEnergies = new long[branches];
        }
        amounts(branchLatencies);
        planned = codes(1, 2);
        actual = codes(1, 2);
        fallback = codes(0, MAX_CODE);
        anyFallbackReason = contains(fallback, 1, MAX_CODE);
        doubtful |= items() != branches;
        if (doubtful) {
            return;
        }
        amounts(branchPeaks);
        branchEnergyKnown = present();
        if (branchEnergyKnown) {
            doubtful |= items() != branches;
            if (doubtful) {
                return;
            }
            amounts(branchEnergies);
        }
        codes(Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    private void context() {
        if (doubtful) {
            return;
        }
        explored = bool();
        double probability = real();
        doubtful |= !(probability > 0 && probability <= 1);
        warmup = bool();
        number();
        integer();
        thermalState = THERMAL_STATES[code(THERMAL_STATES.length)];
        if (present()) {
            int battery = integer();
            doubtful |= battery < 0 || battery > 100;
        }
        if (present()) {
            bool();
        }
        number();
        number();
        foreignCpuShare = real();
        doubtful |= !(foreignCpuShare >= 0 && foreignCpuShare <= 1) && foreignCpuShare != -1;
        bool();
        validity = VALIDITIES[code(VALIDITIES.length)];
        if (present()) {
            skip();
        }
        sourceStart = name();
        sourceEnd = position;
        double hertz = real();
        doubtful |= !(hertz >= 0) || Double.isInfinite(hertz);
    }

    private long number() {
        byte part = bytes[position++];
        long zigzag = part & 0x7fL;
        for (int shift = 7; part < 0; shift += 7) {
            if (shift >= Long.SIZE) {
                doubtful = true;
                return 0;
            }
            part = bytes[position++];
            zigzag |= (part & 0x7fL) << shift;
        }
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private int integer() {
        long value = number();
        doubtful |= value != (int) value;
        return (int) value;
    }

    private long amount() {
        long value = number();
        doubtful |= value < 0;
        return value;
    }

    private void amounts(long[] into) {
        // Negative if any is, and as large as a power of two if any is.
        long all = 0;
        for (int i = 0; i < branches; i++) {
            long value = number();
            into[i] = value;
            all |= value;
        }
        doubtful |= all < 0 || all >= TelemetryRules.ABSURD;
        // One block, as Avro's writers make it.
        doubtful |= branches > 0 && number() != 0;
    }

    private int items() {
        long count = number();
        if (count < 0 || count > bytes.length - position) {
            doubtful = true;
            return 0;
        }
        return (int) count;
    }

    private int length() {
        long length = number();
        if (length < 0 || length > bytes.length - position) {
            doubtful = true;
            return 0;
        }
        return (int) length;
    }

    private void skip() {
        int length = length();
        position += length;
    }

    /** Its start; names that are long, begin with a space or are not plain ASCII are for the slow way. */
    private int name() {
        int length = length();
        int start = position;
        position += length;
        if (length == 0 || length > ControlRules.MAX_NAME_CHARACTERS) {
            oddName = true;
            return start;
        }
        int all = 0;
        for (int i = start; i < position; i++) {
            all |= bytes[i];
        }
        oddName |= all < 0 || bytes[start] <= ' ';
        return start;
    }

    private int codes(int low, int high) {
        int length = length();
        int start = position;
        position += length;
        doubtful |= length != branches;
        boolean known = true;
        for (int i = start; i < position; i++) {
            known &= bytes[i] >= low && bytes[i] <= high;
        }
        doubtful |= !known;
        return start;
    }

    private boolean contains(int column, int low, int high) {
        boolean found = false;
        for (int i = column; i < column + branches && i < bytes.length; i++) {
            found |= bytes[i] >= low && bytes[i] <= high;
        }
        return found;
    }

    private boolean bool() {
        byte value = bytes[position++];
        doubtful |= value != 0 && value != 1;
        return value == 1;
    }

    private boolean present() {
        long index = number();
        doubtful |= index != 0 && index != 1;
        return index == 1;
    }

    private int code(int count) {
        long code = number();
        if (code < 0 || code >= count) {
            doubtful = true;
            return 0;
        }
        return (int) code;
    }

    private double real() {
        double value = (double) DOUBLES.get(bytes, position);
        position += Double.BYTES;
        return value;
    }

    private boolean startsWithSimulatedPrefix() {
        return classEnd - classStart >= SIMULATED_PREFIX.length
                && Arrays.equals(bytes, classStart, classStart + SIMULATED_PREFIX.length, SIMULATED_PREFIX, 0, SIMULATED_PREFIX.length);
    }

    public String deviceId() {
        return new String(bytes, deviceStart, deviceEnd - deviceStart, StandardCharsets.UTF_8);
    }

    /** 64 bits by which devices are told apart where only their number matters. */
    public long deviceHash() {
        return NameTable.hash(bytes, deviceStart, deviceEnd);
    }

    public String deviceClass() {
        return names.name(bytes, classStart, classEnd);
    }

    public boolean simulated() {
        return simulated;
    }

    public String model() {
        return names.name(bytes, modelStart, modelEnd);
    }

    public String planId() {
        return names.name(bytes, planStart, planEnd);
    }

    public String energySource() {
        return names.name(bytes, sourceStart, sourceEnd);
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
        return branches;
    }

    /** The reader's own array; entries from {@link #branches()} on are of other records. */
    public long[] branchLatenciesNanos() {
        return branchLatencies;
    }

    /** The reader's own array; entries from {@link #branches()} on are of other records. */
    public long[] branchArenaPeaksBytes() {
        return branchPeaks;
    }

    /** The reader's own array; null where energy was not attributed to branches. */
    public long[] branchEnergiesMicrojoules() {
        return branchEnergyKnown ? branchEnergies : null;
    }

    /** Placement code: 1 CPU, 2 accelerator. */
    public byte planned(int branch) {
        return bytes[planned + branch];
    }

    /** Placement code: 1 CPU, 2 accelerator. */
    public byte actual(int branch) {
        return bytes[actual + branch];
    }

    /** Reason code, 0 for none. */
    public byte fallback(int branch) {
        return bytes[fallback + branch];
    }

    public boolean anyFallbackReason() {
        return anyFallbackReason;
    }

    /** Whether any branch was planned there. */
    public boolean plannedAnywhere(byte placement) {
        return contains(planned, placement, placement);
    }

    /** Whether any branch ran there. */
    public boolean ranAnywhere(byte placement) {
        return contains(actual, placement, placement);
    }

    /** Whether every branch ran where it was planned. */
    public boolean asPlanned() {
        return Arrays.equals(bytes, planned, planned + branches, bytes, actual, actual + branches);
    }

    /** Whether the branches were planned exactly as these placement codes say. */
    public boolean plannedAs(byte[] placements) {
        return Arrays.equals(bytes, planned, planned + branches, placements, 0, placements.length);
    }
}
