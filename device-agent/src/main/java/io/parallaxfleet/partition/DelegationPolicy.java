package io.parallaxfleet.partition;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Decides for each candidate region whether it goes to the accelerator. Immutable. */
public sealed interface DelegationPolicy {
    /** The verdict on one region, with its evidence. */
    Verdict judge(Region region);

    /** One line for people. */
    String describe();

    /** The paper's constants: N >= 3, F >= 1e9, B/F <= 0.1 (Section 3.1). */
    static DelegationPolicy paper() {
        return new Thresholds(3, 1_000_000_000L, 0.1);
    }

    /** Exact break-even with the paper's constants: L 0.2 ms, R_cpu 1e9 and R_acc 2.6e13 MAC/s, B_bw 51.2e9 B/s (Section 3.1). */
    static DelegationPolicy paperBreakEven() {
        return new BreakEven(2e-4, 1e9, 2.6e13, 51.2e9);
    }

    private static Verdict verdict(Region region, List<Evidence> tests) {
        return tests.stream().allMatch(Evidence::holds) ? new Verdict.Kept(region, tests) : new Verdict.Pruned(region, tests);
    }

    /** Delegate a region iff {@code N >= minOperators}, {@code F >= minMacs} and {@code B/F <= maxBytesPerMac}. */
    record Thresholds(int minOperators, long minMacs, double maxBytesPerMac) implements DelegationPolicy {
        public Thresholds {
            if (minOperators < 1 || minOperators > 1_000_000) {
                throw new IllegalArgumentException("minOperators is " + minOperators + "; it must be in 1..1000000");
            }
            if (minMacs < 0 || minMacs > 1_000_000_000_000_000L) {
                throw new IllegalArgumentException("minMacs is " + minMacs + "; it must be in 0..1e15");
            }
            if (!(maxBytesPerMac >= 0) || maxBytesPerMac > 1e9) {
                throw new IllegalArgumentException("maxBytesPerMac is " + maxBytesPerMac + "; it must be in 0..1e9");
            }
        }

        @Override
        public Verdict judge(Region region) {
            return verdict(region, List.of(
                    new Evidence(Evidence.Test.OPERATORS, region.operators(), minOperators),
                    new Evidence(Evidence.Test.MACS, region.macs(), minMacs),
                    new Evidence(Evidence.Test.BYTES_PER_MAC, region.bytesPerMac(), maxBytesPerMac)));
        }

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "N >= %d, F >= %.3g, B/F <= %.3g", minOperators, (double) minMacs, maxBytesPerMac);
        }
    }

    /**
     * Exact break-even: delegate iff {@code L + F/R_acc + B/B_bw < F/R_cpu}.
     *
     * @param dispatchSeconds L
     * @param cpuMacsPerSecond R_cpu
     * @param acceleratorMacsPerSecond R_acc
     * @param bytesPerSecond B_bw
     */
    record BreakEven(double dispatchSeconds, double cpuMacsPerSecond, double acceleratorMacsPerSecond, double bytesPerSecond)
            implements DelegationPolicy {
        public BreakEven {
            if (!(dispatchSeconds >= 0) || !(cpuMacsPerSecond > 0) || !(acceleratorMacsPerSecond > 0) || !(bytesPerSecond > 0)) {
                throw new IllegalArgumentException("L must be >= 0 and the three rates > 0: " + dispatchSeconds + ", "
                        + cpuMacsPerSecond + ", " + acceleratorMacsPerSecond + ", " + bytesPerSecond);
            }
        }

        @Override
        public Verdict judge(Region region) {
            double cpu = region.macs() / cpuMacsPerSecond;
            double accelerator =
                    dispatchSeconds + region.macs() / acceleratorMacsPerSecond + region.boundaryBytes() / bytesPerSecond;
            return verdict(region, List.of(new Evidence(Evidence.Test.BREAK_EVEN, accelerator, cpu)));
        }

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "L %.3g s, R_cpu %.3g, R_acc %.3g MAC/s, B_bw %.3g B/s", dispatchSeconds,
                    cpuMacsPerSecond, acceleratorMacsPerSecond, bytesPerSecond);
        }
    }

    /** Every candidate region goes to the accelerator, whatever it costs: what pruning is compared with. */
    record Everything() implements DelegationPolicy {
        @Override
        public Verdict judge(Region region) {
            return verdict(region, List.of(new Evidence(Evidence.Test.OPERATORS, region.operators(), 1)));
        }

        @Override
        public String describe() {
            return "delegate every candidate region";
        }
    }

    /** Nothing goes to the accelerator: the answer where it is never worth it, and where there is none. */
    record Never() implements DelegationPolicy {
        @Override
        public Verdict judge(Region region) {
            return new Verdict.Excluded(region, Verdict.Excluded.Rule.NEVER);
        }

        @Override
        public String describe() {
            return "never delegate";
        }
    }

    /**
     * Exactly the listed nodes are offered to the accelerator, whatever they cost: how exploration tries what the thresholds
     * in force would not. The partitioner cuts candidates down to these nodes before it asks.
     */
    record Exactly(Set<Integer> nodes) implements DelegationPolicy {
        public Exactly {
            nodes = Set.copyOf(nodes);
        }

        @Override
        public Verdict judge(Region region) {
            return nodes.containsAll(region.nodes())
                    ? new Verdict.Kept(region, List.of())
                    : new Verdict.Excluded(region, Verdict.Excluded.Rule.NOT_CHOSEN);
        }

        @Override
        public String describe() {
            return "exactly " + nodes.size() + " chosen operators";
        }
    }
}
