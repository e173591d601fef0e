package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A small class on a machine that became 40 % slower while the thresholds changed; one model of four changed its plan. */
class ControlledRolloutTest {
    private static final List<String> KEPT = List.of("embedder", "filter", "tagger");
    private static final double MACHINE = Math.log(1.4);

    private final RolloutScenario scenario = new RolloutScenario();
    private final SplittableRandom random = new SplittableRandom(5);
    private long endMillis = NOW.toEpochMilli();

    @Test
    void whatTheMachineDidToAllIsNotTakenForTheThresholds() {
        propose();
        acknowledge("device-1", "detector");
        RolloutEvent event = onlyEvent(decided(0));

        assertEquals(RolloutDecision.COMPLETE, event.getDecision(), event.getReason());
        assertTrue(event.getReason().contains("control embedder, filter, tagger"), event.getReason());
        assertEquals(KEPT, event.getModelControl().getControlModels());
        assertEquals(List.of("detector"), event.getModelControl().getChangedModels());
        assertEquals(MACHINE, event.getModelControl().getControlChange(), 0.1);
        assertEquals(0, event.getModelControl().getChange(), 0.1);
        assertTrue(event.getAfterP50Nanos() > 1.3 * event.getBeforeP50Nanos(), "the medians stay what they are");
    }

    @Test
    void aRegressionShowsThroughTheMachinesDrift() {
        propose();
        acknowledge("device-1", "detector");
        List<Emission> emissions = decided(Math.log(1.3));

        assertEquals(RolloutDecision.ROLLBACK, onlyEvent(emissions).getDecision());
        assertEquals(2, onlyUpdate(emissions).getEpoch());
    }

    @Test
    void aJobThatWasRestartedInTheMiddleStillKnowsTheControl() throws IOException {
        propose();
        acknowledge("device-1", "detector");
        window(1, MACHINE, 0);
        scenario.restart();

        assertEquals(KEPT, onlyEvent(decided(0)).getModelControl().getControlModels());
    }

    @Test
    void whereEveryModelChangedTheOwnPastDecidesAndSaysSo() {
        propose();
        acknowledge("device-1", "detector", "embedder", "filter", "tagger");
        RolloutEvent event = onlyEvent(decided(0));

        assertEquals(RolloutDecision.ROLLBACK, event.getDecision());
        assertNull(event.getModelControl());
        assertTrue(event.getReason().contains("own past only, without a control: no model keeps its plan"), event.getReason());
    }

    @Test
    void aModelThatOneDeviceChangedIsNoControlOfTheOthers() {
        propose();
        acknowledge("device-1", "detector");
        acknowledge("device-2", "detector", "embedder");

        // Two models that move with the machine are too few to trust in so fast.
        List<RolloutEvent> held = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            window(1, MACHINE, 0).forEach(emission -> held.add(((Emission.Event) emission).event()));
        }
        RolloutEvent last = held.get(held.size() - 1);
        assertEquals(RolloutDecision.HOLD, last.getDecision());
        assertEquals(List.of("filter", "tagger"), last.getModelControl().getControlModels());
    }

    private void propose() {
        scenario.count(2, 2);
        for (int i = 0; i < 20; i++) {
            window(0, 0, 0);
        }
        onlyUpdate(scenario.fit());
    }

    // Windows under the new epoch until it is decided.
    private List<Emission> decided(double effect) {
        List<Emission> emissions = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            emissions = window(1, MACHINE, effect);
            if (!emissions.isEmpty() && onlyEvent(emissions).getDecision() != RolloutDecision.HOLD) {
                return emissions;
            }
        }
        throw new AssertionError("not decided after 200 windows");
    }

    private List<Emission> window(long epoch, double machine, double effect) {
        endMillis += 10_000;
        List<Emission> emissions = new ArrayList<>();
        List<String> models = new ArrayList<>(KEPT);
        models.add("detector");
        for (String model : models) {
            LatencySketch sketch = new LatencySketch();
            for (int run = 0; run < 20; run++) {
                sketch.add(Math.round(10e6 * Math.exp(machine + (model.equals("detector") ? effect : 0) + 0.1 * random.nextGaussian())));
            }
            if (scenario.state.measuring() || epoch == 0) {
                emissions.addAll(scenario.rollout.onWindow(scenario.state,
                        new LatencyWindow(BOARD, model, epoch, sketch.toBytes(), endMillis), NOW));
            }
        }
        return emissions.isEmpty() ? emissions : emissions.subList(emissions.size() - (emissions.size() > 1
                && emissions.get(emissions.size() - 2) instanceof Emission.Thresholds ? 2 : 1), emissions.size());
    }

    private void acknowledge(String device, String... changed) {
        List<String> models = new ArrayList<>(KEPT);
        models.add("detector");
        List<Replan> plans = models.stream().map(model -> Replan.newBuilder()
                .setModel(model)
                .setPlanIdBefore("old-" + model)
                .setPlanIdAfter((List.of(changed).contains(model) ? "new-" : "old-") + model)
                .setDelegatedRegionsBefore(1)
                .setDelegatedRegionsAfter(0)
                .setReplanNanos(1)
                .build()).toList();
        scenario.rollout.onAck(scenario.state, ThresholdAck.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setEpoch(1)
                .setRolloutId("any")
                .setOutcome(AckOutcome.APPLIED)
                .setPlans(plans)
                .setTimestamp(NOW)
                .build());
    }
}
