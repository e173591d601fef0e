package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.schemas.avro.DelegationMode;
import java.util.Locale;

/** Which regions go to the accelerator. Immutable. */
public sealed interface DelegationRule {
    boolean delegates(RegionShape region);

    /** One line for people. */
    String describe();

    /** The paper's constants, with which every device starts: N >= 3, F >= 1e9, B/F <= 0.1 (Section 3.1). */
    static DelegationRule paper() {
        return new Thresholds(3, 1_000_000_000L, 0.1);
    }

    /**
     * The rule that a record of a topic spells out; the numbers are not read with NEVER.
     *
     * @throws IllegalArgumentException when the mode is unknown or the numbers are out of range
     */
    static DelegationRule of(DelegationMode mode, int minOperators, long minMacs, double maxBytesPerMac) {
        return switch (mode) {
            case THRESHOLDS -> new Thresholds(minOperators, minMacs, maxBytesPerMac);
            case NEVER -> new Never();
            case UNKNOWN -> throw new IllegalArgumentException("the mode is unknown to this build");
        };
    }

    /** Delegate iff N >= minOperators, F >= minMacs and B/F <= maxBytesPerMac. The bounds are those that agents accept. */
    record Thresholds(int minOperators, long minMacs, double maxBytesPerMac) implements DelegationRule {
        public static final int MAX_OPERATORS = 1_000_000;
        public static final long MAX_MACS = 1_000_000_000_000_000L;
        public static final double MAX_BYTES_PER_MAC = 1e9;

        public Thresholds {
            if (minOperators < 1 || minOperators > MAX_OPERATORS) {
                throw new IllegalArgumentException("minOperators is " + minOperators + "; it must be in 1.." + MAX_OPERATORS);
            }
            if (minMacs < 0 || minMacs > MAX_MACS) {
                throw new IllegalArgumentException("minMacs is " + minMacs + "; it must be in 0.." + MAX_MACS);
            }
            if (!(maxBytesPerMac >= 0 && maxBytesPerMac <= MAX_BYTES_PER_MAC)) {
                throw new IllegalArgumentException(
                        "maxBytesPerMac is " + maxBytesPerMac + "; it must be in 0.." + MAX_BYTES_PER_MAC);
            }
        }

        @Override
        public boolean delegates(RegionShape region) {
            return region.operators() >= minOperators && region.macs() >= minMacs && region.bytesPerMac() <= maxBytesPerMac;
        }

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "N >= %d, F >= %.3g, B/F <= %.3g", minOperators, (double) minMacs, maxBytesPerMac);
        }
    }

    /** Nothing goes to the accelerator. */
    record Never() implements DelegationRule {
        @Override
        public boolean delegates(RegionShape region) {
            return false;
        }

        @Override
        public String describe() {
            return "never delegate";
        }
    }
}
