package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Rollout events as people read them. */
public final class RolloutText {
    private RolloutText() {}

    /** The stage with its share of the class, where the event tells it. */
    public static String stage(RolloutEvent event) {
        if (event.getStage() == RolloutStage.ROLLED_BACK) {
            return "rolled back";
        }
        if (event.getStage() == RolloutStage.SHADOW) {
            return "shadow";
        }
        Integer perMille = event.getMembershipPerMille();
        return perMille == null ? event.getStage().name().toLowerCase(Locale.ROOT) : share(perMille);
    }

    /** Per mille as per cent. */
    public static String share(int perMille) {
        return perMille % 10 == 0 ? perMille / 10 + " %" : String.format(Locale.ROOT, "%.1f %%", perMille / 10.0);
    }

    /** What people hold the class back by, e.g. {@code paused}; empty where nothing does. */
    public static String holds(RolloutEvent event) {
        List<String> holds = new ArrayList<>();
        if (event.getPaused()) {
            holds.add("paused");
        }
        if (event.getPinned()) {
            holds.add("pinned");
        }
        if (event.getFrozen()) {
            holds.add("frozen");
        }
        return String.join(", ", holds);
    }

    /** What was measured, in one line; empty where nothing was. */
    public static Optional<String> evidence(RolloutEvent event) {
        if (event.getMeasurement() != null) {
            return Optional.of(measured(event.getMeasurement(), event.getObjective()));
        }
        String compared = event.getModelControl() == null ? "" : controlled(event.getModelControl()) + "; " + energy(event);
        if (event.getBeforeP50Nanos() == null || event.getAfterP50Nanos() == null) {
            return compared.isEmpty() ? Optional.empty() : Optional.of(compared);
        }
        return Optional.of((compared.isEmpty() ? "" : compared + "; ") + String.format(Locale.ROOT, "median %.3f ms before (%d samples), %.3f ms after (%d samples)",
                event.getBeforeP50Nanos() * 1e-6, event.getBeforeSamples(), event.getAfterP50Nanos() * 1e-6, event.getAfterSamples()));
    }

    private static String energy(RolloutEvent event) {
        if (event.getEnergyControl() == null) {
            return "energy unavailable";
        }
        StringBuilder line = new StringBuilder("energy by ").append(event.getEnergySource());
        change(line, "changed by", event.getEnergyControl().getChange(), event.getEnergyControl().getHalfWidth());
        return line.toString();
    }

    private static String controlled(ModelControl control) {
        StringBuilder line = new StringBuilder(String.join(", ", control.getChangedModels())).append(" against control ")
                .append(String.join(", ", control.getControlModels())).append(String.format(Locale.ROOT,
                        " of the same plan, %d and %d windows", control.getWindowsBefore(), control.getWindowsAfter()));
        change(line, "changed by", control.getChange(), control.getHalfWidth());
        line.append(String.format(Locale.ROOT, " (%s by themselves, the control %s)", percent(control.getRawChange()),
                percent(control.getControlChange())));
        return line.toString();
    }

    private static String measured(StageMeasurement measurement, Objective objective) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%d members (%d needed) against %d others",
                measurement.getMembers(), measurement.getNeededMembers(), measurement.getControl()));
        change(line, judged(objective) + "mean", measurement.getMeanChange(), measurement.getMeanHalfWidth());
        change(line, judged(objective) + "p95", measurement.getTailChange(), measurement.getTailHalfWidth());
        change(line, (judged(objective).isEmpty() ? "energy" : "latency") + ", which guards,", measurement.getGuardChange(),
                measurement.getGuardHalfWidth());
        if (measurement.getFailureEvidence() != null) {
            line.append(String.format(Locale.ROOT, "; failures %.2g times likelier if members fail more often",
                    measurement.getFailureEvidence()));
        }
        return line.toString();
    }

    // Before the word for it; latency needs none.
    private static String judged(Objective objective) {
        return switch (objective) {
            case LATENCY, UNKNOWN -> "";
            case ENERGY -> "energy ";
            case BALANCED -> "energy x latency ";
        };
    }

    private static void change(StringBuilder line, String what, Double change, Double halfWidth) {
        if (change == null || halfWidth == null) {
            return;
        }
        line.append(String.format(Locale.ROOT, "; %s %s, between %s and %s", what, percent(change), percent(change - halfWidth),
                percent(change + halfWidth)));
    }

    private static String percent(double logRatio) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * Math.expm1(logRatio));
    }

    /** One line for people. */
    public static String thresholds(PlanPolicy policy) {
        return thresholds(policy.getMode(), policy.getMinOperators(), policy.getMinMacs(), policy.getMaxBytesPerMac());
    }

    /** One line for people; the numbers are not read with NEVER. */
    public static String thresholds(DelegationMode mode, int minOperators, long minMacs, double maxBytesPerMac) {
        return switch (mode) {
            case NEVER -> "never delegate";
            case THRESHOLDS -> String.format(Locale.ROOT, "N >= %d, F >= %.3g, B/F <= %.3g", minOperators, (double) minMacs,
                    maxBytesPerMac);
            case UNKNOWN -> "a mode that this version does not know";
        };
    }
}
