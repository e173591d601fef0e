package io.parallaxfleet.partition;

import java.util.List;
import java.util.stream.Collectors;

/** What a policy says of a region, with the evidence. */
public sealed interface Verdict {
    Region region();

    /** Every test that the policy asked, passed or not, in the policy's order; empty where it asked none. */
    List<Evidence> evidence();

    /** One line for people: why, and by how much. */
    String reason();

    /**
     * How far the region is from the other verdict: the natural logarithm of the factor by which the test that decides holds or
     * fails. Infinite where nothing was tested and no property of the region could change the verdict.
     */
    default double boundaryDistance() {
        return evidence().stream()
                .mapToDouble(Evidence::margin)
                // A test of 0 against 0 has no factor and decides nothing.
                .filter(margin -> !Double.isNaN(margin))
                .min()
                .stream()
                .map(Math::abs)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** The region goes to the accelerator: every test holds, or the policy names it without a test. */
    record Kept(Region region, List<Evidence> evidence) implements Verdict {
        public Kept {
            evidence = List.copyOf(evidence);
            if (!evidence.stream().allMatch(Evidence::holds)) {
                throw new IllegalArgumentException("region " + region.index() + " fails a test and cannot be kept");
            }
        }

        @Override
        public String reason() {
            return evidence.isEmpty() ? "chosen by exploration" : sentences(evidence);
        }
    }

    /** The region's operators fall back to the CPU because at least one test fails. */
    record Pruned(Region region, List<Evidence> evidence) implements Verdict {
        public Pruned {
            evidence = List.copyOf(evidence);
            if (evidence.stream().allMatch(Evidence::holds)) {
                throw new IllegalArgumentException("region " + region.index() + " fails no test and cannot be pruned");
            }
        }

        /** The tests that fail, in the policy's order. */
        public List<Evidence> failed() {
            return evidence.stream().filter(test -> !test.holds()).toList();
        }

        @Override
        public String reason() {
            return sentences(failed());
        }
    }

    /** The region's operators stay on the CPU without a test: no property of the region could have changed that. */
    record Excluded(Region region, Rule rule) implements Verdict {
        /** Why nothing was tested. */
        public enum Rule {
            NEVER,
            NOT_CHOSEN
        }

        @Override
        public List<Evidence> evidence() {
            return List.of();
        }

        @Override
        public String reason() {
            return switch (rule) {
                case NEVER -> "the policy never delegates";
                case NOT_CHOSEN -> "not chosen by exploration";
            };
        }
    }

    private static String sentences(List<Evidence> tests) {
        return tests.stream().map(Evidence::sentence).collect(Collectors.joining("; "));
    }
}
