package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LayerProbeTest {
    private final EnginePlan sideBySide = ForkedModel.plan(new SideBySide.Everywhere());
    private final EnginePlan wide = EnginePlanner.planWithLayersAlone(ForkedModel.prepared(), 2);
    private final LayerProbe probe = new LayerProbe(sideBySide, wide);

    /** A run in which every step takes as long as told, one layer of steps after the other. */
    private static long[][] run(EnginePlan plan, long stepNanos) {
        long[][] times = new long[2][plan.steps().size()];
        for (int step = 0; step < plan.steps().size(); step++) {
            times[0][step] = plan.steps().get(step).layer() * stepNanos;
            times[1][step] = times[0][step] + stepNanos;
        }
        return times;
    }

    private void ran(long sideBySideNanos, long wideNanos) {
        long[][] side = run(sideBySide, sideBySideNanos);
        probe.sideBySideRan(step -> side[0][step], step -> side[1][step]);
        long[][] alone = run(wide, wideNanos);
        probe.wideRan(step -> alone[0][step], step -> alone[1][step]);
    }

    @Test
    void theForkHasALayerToMeasure() {
        assertEquals(Execution.SPLIT, sideBySide.execution());
        assertTrue(sideBySide.steps().size() > wide.steps().size());
    }

    @Test
    void aLayerThatIsFasterSideBySideIsFoundWithItsOperatorsAndNoOthers() {
        ran(700, 1_000);
        assertEquals(ForkedModel.operatorsOfTheFork(), probe.gaining(0, 0.1));
    }

    @Test
    void aLayerThatIsSlowerSideBySideIsNot() {
        ran(1_100, 1_000);
        assertEquals(Set.of(), probe.gaining(0, 0));
    }

    @Test
    void aGainBelowWhatIsAskedForDoesNotCount() {
        ran(950, 1_000);
        assertEquals(Set.of(), probe.gaining(0, 0.1));
        assertEquals(Set.of(), probe.gaining(60, 0));
    }

    @Test
    void oneDisturbedRunDoesNotChangeTheAnswer() {
        for (long nanos : List.of(700L, 700L, 90_000L)) {
            ran(nanos, 1_000);
        }
        assertEquals(ForkedModel.operatorsOfTheFork(), probe.gaining(0, 0));
    }

    @Test
    void aPlanOfTheLayersThatGainedSplitsThemAndOnlyThem() {
        EnginePlan measured = ForkedModel.plan(new SideBySide.Measured(ForkedModel.operatorsOfTheFork()));
        Set<Integer> alone = new HashSet<>();
        measured.steps().stream().filter(step -> step.threads() == 1).forEach(step -> alone.addAll(step.nodes()));
        assertEquals(ForkedModel.operatorsOfTheFork(), alone);
    }
}
