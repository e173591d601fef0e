package io.parallaxfleet.operators.rollout.whole;

/** What models that kept their plan let the others' latencies say. */
public sealed interface ControlledVerdict {
    /** Surely not slower by the harm that must not pass. */
    record Promote(ControlledChange change, EnergyEvidence energy) implements ControlledVerdict {}

    /** @param change null, as {@code energy}, where too little was measured */
    record Hold(String why, ControlledChange change, EnergyEvidence energy) implements ControlledVerdict {}

    /** Surely worse. */
    record Rollback(String why, ControlledChange change, EnergyEvidence energy) implements ControlledVerdict {}

    /** There is no control, and waiting gives none: only the class's own past can judge. */
    record NoControl(String why) implements ControlledVerdict {}
}
