package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a telemetry record must satisfy beyond its schema before anything is computed from it. */
final class TelemetryRules {
    static final Duration MAX_AHEAD = Duration.ofHours(1);
    static final Duration MAX_AGE = Duration.ofDays(7);

    /**
     * Nanoseconds of an inference and microjoules of one stay below this, 73 minutes and 4 megajoules; what is above was not measured.
     */
    static final long ABSURD = 1L << 42;

    /** Simulated classes carry this prefix, and only they. */
    static final String SIMULATED_PREFIX = "sim-";

    private TelemetryRules() {}

    /** The first rule the record breaks, as a line that names the field and its value; empty if it breaks none. */
    static Optional<String> firstFault(InferenceTelemetry t, Instant now) {
        return named(t)
                .or(() -> timed(t, now))
                .or(() -> columns(t))
                .or(() -> codes(t))
                .or(() -> amounts(t))
                .or(() -> shares(t))
                .or(() -> bodies(t));
    }

    /** Whether the time is one that {@link #firstFault} takes. */
    static boolean timely(long timestampMillis, Instant now) {
        return timestampMillis <= now.toEpochMilli() + MAX_AHEAD.toMillis()
                && timestampMillis >= now.toEpochMilli() - MAX_AGE.toMillis() + 1;
    }

    private static Optional<String> named(InferenceTelemetry t) {
        for (String[] field : new String[][] {
            {"deviceId", t.getDeviceId()}, {"sessionId", t.getSessionId()},
            {"model", t.getModel()}, {"planId", t.getPlanId()}, {"energySource", t.getEnergySource()}
        }) {
            Optional<String> fault = ControlRules.textFault(field[0], field[1]);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return ControlRules.classFault(t.getDeviceClass(), t.getSimulated());
    }

    private static Optional<String> timed(InferenceTelemetry t, Instant now) {
        if (t.getTimestamp().isAfter(now.plus(MAX_AHEAD))) {
            return Optional.of("timestamp " + t.getTimestamp() + " is more than " + MAX_AHEAD.toHours()
                    + " h ahead of " + now + "; check the device's clock");
        }
        if (t.getTimestamp().isBefore(now.minus(MAX_AGE))) {
            return Optional.of("timestamp " + t.getTimestamp() + " is more than " + MAX_AGE.toDays() + " days before " + now);
        }
        return Optional.empty();
    }

    private static Optional<String> columns(InferenceTelemetry t) {
        int branches = t.getBranchLatencyNanos().size();
        Object[][] columns = {
            {"branchPlanned", t.getBranchPlanned().remaining()},
            {"branchActual", t.getBranchActual().remaining()},
            {"branchFallback", t.getBranchFallback().remaining()},
            {"branchCoRunning", t.getBranchCoRunning().remaining()},
            {"branchArenaPeakBytes", t.getBranchArenaPeakBytes().size()},
            {"branchEnergyMicrojoules",
                t.getBranchEnergyMicrojoules() == null ? branches : t.getBranchEnergyMicrojoules().size()},
        };
        for (Object[] column : columns) {
            if ((int) column[1] != branches) {
                return Optional.of(column[0] + " has " + column[1] + " entries, branchLatencyNanos has " + branches);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> bodies(InferenceTelemetry t) {
        int branches = t.getBodyBranchLatencyNanos().size();
        if (t.getBodyBranchRuns().size() != branches) {
            return Optional.of("bodyBranchRuns has " + t.getBodyBranchRuns().size() + " entries, bodyBranchLatencyNanos has " + branches);
        }
        return amounts("bodyBranchRuns", t.getBodyBranchRuns())
                .or(() -> absurd("bodyBranchRuns", t.getBodyBranchRuns()))
                .or(() -> amounts("bodyBranchLatencyNanos", t.getBodyBranchLatencyNanos()))
                .or(() -> absurd("bodyBranchLatencyNanos", t.getBodyBranchLatencyNanos()));
    }

    private static Optional<String> codes(InferenceTelemetry t) {
        return codes("branchPlanned", t.getBranchPlanned(), 1, 2)
                .or(() -> codes("branchActual", t.getBranchActual(), 1, 2))
                .or(() -> codes("branchFallback", t.getBranchFallback(), 0, 4));
    }

    private static Optional<String> codes(String field, ByteBuffer codes, int low, int high) {
        for (int i = 0; i < codes.remaining(); i++) {
            int code = codes.get(codes.position() + i);
            if (code < low || code > high) {
                return Optional.of(field + "[" + i + "] is " + code + ", known are " + low + ".." + high);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> amounts(InferenceTelemetry t) {
        return amount("sequence", t.getSequence())
                .or(() -> ControlRules.epochFault("policyEpoch", t.getPolicyEpoch()))
                .or(() -> amount("latencyNanos", t.getLatencyNanos()))
                .or(() -> absurd("latencyNanos", List.of(t.getLatencyNanos())))
                .or(() -> amount("arenaPeakBytes", t.getArenaPeakBytes()))
                .or(() -> optionalAmount("oneSessionArenaBytes", t.getOneSessionArenaBytes()))
                .or(() -> optionalAmount("energyMicrojoules", t.getEnergyMicrojoules()))
                .or(() -> t.getEnergyMicrojoules() == null
                        ? Optional.empty()
                        : absurd("energyMicrojoules", List.of(t.getEnergyMicrojoules())))
                .or(() -> amounts("branchLatencyNanos", t.getBranchLatencyNanos()))
                .or(() -> absurd("branchLatencyNanos", t.getBranchLatencyNanos()))
                .or(() -> amounts("branchArenaPeakBytes", t.getBranchArenaPeakBytes()))
                .or(() -> t.getBranchEnergyMicrojoules() == null
                        ? Optional.empty()
                        : amounts("branchEnergyMicrojoules", t.getBranchEnergyMicrojoules())
                                .or(() -> absurd("branchEnergyMicrojoules", t.getBranchEnergyMicrojoules())));
    }

    private static Optional<String> absurd(String field, List<Long> values) {
        return values.stream().filter(value -> value >= ABSURD).findFirst()
                .map(value -> field + " holds " + value + "; no inference comes to " + ABSURD);
    }

    private static Optional<String> amount(String field, long value) {
        return value < 0 ? Optional.of(field + " is " + value + "; it must not be negative") : Optional.empty();
    }

    private static Optional<String> optionalAmount(String field, Long value) {
        return value == null ? Optional.empty() : amount(field, value);
    }

    private static Optional<String> amounts(String field, List<Long> values) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) < 0) {
                return amount(field + "[" + i + "]", values.get(i));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> shares(InferenceTelemetry t) {
        // Written so that NaN fails.
        if (!(t.getExplorationProbability() > 0 && t.getExplorationProbability() <= 1)) {
            return Optional.of("explorationProbability is " + t.getExplorationProbability() + "; it must be in (0,1]");
        }
        double foreign = t.getForeignCpuShare();
        if (!(foreign >= 0 && foreign <= 1) && foreign != -1) {
            return Optional.of("foreignCpuShare is " + foreign + "; it must be in [0,1], or -1 for unknown");
        }
        double hertz = t.getEnergySampleHertz();
        if (!(hertz >= 0) || Double.isInfinite(hertz)) {
            return Optional.of("energySampleHertz is " + hertz + "; it must be finite and not negative");
        }
        Integer battery = t.getBatteryPercent();
        if (battery != null && (battery < 0 || battery > 100)) {
            return Optional.of("batteryPercent is " + battery + "; it must be in 0..100");
        }
        return Optional.empty();
    }
}
