package io.parallaxfleet.operators.rollout.whole;

import java.util.List;
import java.util.Locale;

/**
 * By how much the models whose plan changed became slower than those that kept theirs, on the same devices in the same windows. Changes
 * are natural logarithms of after / before. Immutable.
 *
 * @param changedModels what the thresholds moved, by name
 * @param controlModels what they left alone, by name
 * @param rawChange of the changed models, whatever the machine did
 * @param controlChange of the control: what the machine did
 * @param change the former less the latter: what the thresholds did
 * @param halfWidth of the interval around {@code change} that holds at all looks together
 */
public record ControlledChange(List<String> changedModels, List<String> controlModels, double rawChange, double controlChange,
        double change, double halfWidth, int windowsBefore, int windowsAfter) {
    public ControlledChange {
        changedModels = List.copyOf(changedModels);
        controlModels = List.copyOf(controlModels);
    }

    /** For people; names the control. */
    public String describe() {
        return String.format(Locale.ROOT, "%s changed by %s, between %s and %s, beside the control %s, whose plan is the same (%s and %s "
                + "by themselves; %d windows before, %d after)", String.join(", ", changedModels), percent(change),
                percent(change - halfWidth), percent(change + halfWidth), String.join(", ", controlModels), percent(rawChange),
                percent(controlChange), windowsBefore, windowsAfter);
    }

    static String percent(double logRatio) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * Math.expm1(logRatio));
    }
}
