package io.parallaxfleet.operators.rollout.whole;

/** What a change for a whole class did to its energy. Unavailable energy is never taken for none. */
public sealed interface EnergyEvidence {
    /** @param source the meter or model behind it, the same before and after */
    record Measured(String source, ControlledChange change) implements EnergyEvidence {
        @Override
        public String describe() {
            return "energy by " + source + ": " + change.describe();
        }
    }

    record Unavailable(String why) implements EnergyEvidence {
        @Override
        public String describe() {
            return "energy unavailable: " + why;
        }
    }

    /** For people. */
    String describe();
}
