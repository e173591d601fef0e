package io.parallaxfleet.operators.search;

import java.util.Locale;

/**
 * What a new rule is predicted to change for one model of the class.
 *
 * @param model name for people
 * @param change cost of the model's candidate regions under the new rule over that under the one in force, less 1; below 0 it gains
 * @param uncertainty by how much more it may cost than predicted, as a share; 0 where its regions stay where they are
 * @param measured whether the model was measured by itself on both sides; otherwise the class's cost model speaks for it
 */
public record ModelEffect(String model, double change, double uncertainty, boolean measured) {
    public String describe() {
        return String.format(Locale.ROOT, "%s %+.0f %%%s%s", model, 100 * change,
                uncertainty == 0 ? "" : String.format(Locale.ROOT, " (and up to %.0f %% more)", 100 * uncertainty),
                measured ? "" : " by the class's line");
    }
}
