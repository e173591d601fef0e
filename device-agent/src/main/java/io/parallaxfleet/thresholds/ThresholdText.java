package io.parallaxfleet.thresholds;

import io.parallaxfleet.partition.DelegationPolicy;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Thresholds as people write them: {@code N=3,F=1e9,B/F=0.1} in any order, parts left out keep the paper's value; {@code never};
 * {@code paper}.
 */
public final class ThresholdText {
    private static final String EXAMPLE = "; write e.g. N=3,F=1e9,B/F=0.1, or never, or paper";

    private ThresholdText() {}

    /** @throws IllegalArgumentException in one line that names the part that is wrong and what is allowed */
    public static DelegationPolicy parse(String text) {
        String trimmed = text.trim();
        switch (trimmed.toLowerCase(Locale.ROOT)) {
            case "never":
                return new DelegationPolicy.Never();
            case "paper":
                return DelegationPolicy.paper();
            case "":
                throw new IllegalArgumentException("the thresholds are empty" + EXAMPLE);
            default:
                return parts(trimmed);
        }
    }

    private static DelegationPolicy parts(String text) {
        DelegationPolicy.Thresholds paper = (DelegationPolicy.Thresholds) DelegationPolicy.paper();
        int minOperators = paper.minOperators();
        long minMacs = paper.minMacs();
        double maxBytesPerMac = paper.maxBytesPerMac();
        Set<String> seen = new HashSet<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("'" + part.trim() + "' in thresholds '" + text + "' has no '='" + EXAMPLE);
            }
            String name = part.substring(0, equals).trim().toUpperCase(Locale.ROOT);
            String value = part.substring(equals + 1).trim();
            if (!seen.add(name)) {
                throw new IllegalArgumentException(name + " is given twice in thresholds '" + text + "'");
            }
            switch (name) {
                case "N" -> minOperators = (int) whole(name, value, 1, ThresholdRules.MAX_OPERATORS);
                case "F" -> minMacs = whole(name, value, 0, ThresholdRules.MAX_MACS);
                case "B/F" -> maxBytesPerMac = number(name, value, 0, ThresholdRules.MAX_BYTES_PER_MAC);
                default -> throw new IllegalArgumentException(
                        "'" + name + "' in thresholds '" + text + "' is unknown; known are N, F and B/F");
            }
        }
        return new DelegationPolicy.Thresholds(minOperators, minMacs, maxBytesPerMac);
    }

    private static long whole(String name, String value, long low, long high) {
        try {
            long number = new BigDecimal(value).longValueExact();
            if (number >= low && number <= high) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + "=" + value + " is not a number; allowed are whole numbers " + low + ".." + high, e);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    name + "=" + value + " is out of range; allowed are whole numbers " + low + ".." + high, e);
        }
        throw new IllegalArgumentException(name + "=" + value + " is out of range; allowed are whole numbers " + low + ".." + high);
    }

    private static double number(String name, String value, double low, double high) {
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + "=" + value + " is not a number; allowed is " + low + ".." + high, e);
        }
        if (!(number >= low && number <= high)) {
            throw new IllegalArgumentException(name + "=" + value + " is out of range; allowed is " + low + ".." + high);
        }
        return number;
    }
}
