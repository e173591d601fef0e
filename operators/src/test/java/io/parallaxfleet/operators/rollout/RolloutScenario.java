package io.parallaxfleet.operators.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import io.parallaxfleet.operators.rollout.staged.GroupLook;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.Looks;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/** One class called board, what reaches its rollout, and what comes out. */
class RolloutScenario {
    static final ClassKey BOARD = new ClassKey("board", false);
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final String ISSUER = "the-job";
    static final RegionShape REGION = new RegionShape(5, 2_000_000_000L, 1_000_000L);

    final RolloutOptions options;
    final ClassRollout rollout;
    private final SplittableRandom random = new SplittableRandom(17);
    private long looks;
    private int commands;
    RolloutState state = new RolloutState();

    RolloutScenario() {
        this(RolloutOptions.defaults());
    }

    RolloutScenario(RolloutOptions options) {
        this.options = options;
        this.rollout = new ClassRollout(options, ISSUER);
    }

    /** The devices of the class are counted. */
    void count(int devices, int withPast) {
        GroupLook all = Looks.counted(GroupLook.NONE, withPast, 0, 0, 0);
        rollout.onLook(state, new LookPart(BOARD, 0, 1, ++looks, 0, devices, GroupLook.NONE, all), NOW);
    }

    /** A class of two devices that has never heard from the fleet, known under epoch 0. */
    void smallClass() {
        count(2, 2);
        measure(0, 10e6, 100);
    }

    List<Emission> fit() {
        return rollout.onFit(state, slowAccelerator(null), NOW);
    }

    List<Emission> fit(Incumbent incumbent) {
        return rollout.onFit(state, slowAccelerator(incumbent), NOW);
    }

    ThresholdUpdate proposeToAll() {
        smallClass();
        return onlyUpdate(fit());
    }

    List<Emission> measure(long epoch, double medianNanos, int count) {
        return rollout.onWindow(state, new LatencyWindow(BOARD, "model", epoch,
                BeforeAfterTest.sketch(medianNanos, count, epoch).toBytes(), NOW.toEpochMilli()), NOW);
    }

    void ack(String device, long epoch, AckOutcome outcome) {
        rollout.onAck(state, ThresholdAck.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setEpoch(epoch)
                .setRolloutId("any")
                .setOutcome(outcome)
                .setPlans(List.of())
                .setTimestamp(NOW)
                .build());
    }

    /** A class of 2000 devices in the first stage of a rollout; what led there. */
    List<Emission> firstStage() {
        count(2000, 2000);
        fit();
        fit();
        return fit();
    }

    /** A look at the trial in which members differ from the others by this much, in natural logarithms. */
    List<Emission> look(double change) {
        return look(Looks.group(30, 0.02, change, change, random), Looks.group(200, 0.02, 0, 0, random));
    }

    List<Emission> look(GroupLook members, GroupLook control) {
        return rollout.onLook(state, new LookPart(BOARD, 0, 1, ++looks, state.awaitedEpoch(), 2000, members, control), NOW);
    }

    List<Emission> command(RolloutAction action) {
        return command(action, null, null);
    }

    List<Emission> command(RolloutAction action, String rolloutId, PlanPolicy thresholds) {
        return rollout.onCommand(state, BOARD, commandOf(action, rolloutId, thresholds), NOW);
    }

    RolloutCommand commandOf(RolloutAction action, String rolloutId, PlanPolicy thresholds) {
        return RolloutCommand.newBuilder()
                .setCommandId("command-" + ++commands)
                .setAction(action)
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setRolloutId(rolloutId)
                .setThresholds(thresholds)
                .setActor("ada")
                .setReason("I saw the graphs")
                .setTimestamp(NOW)
                .build();
    }

    static ThresholdUpdate onlyUpdate(List<Emission> emissions) {
        List<ThresholdUpdate> updates = emissions.stream()
                .filter(Emission.Thresholds.class::isInstance)
                .map(e -> ((Emission.Thresholds) e).update())
                .toList();
        assertEquals(1, updates.size(), emissions::toString);
        return updates.get(0);
    }

    static RolloutEvent onlyEvent(List<Emission> emissions) {
        List<RolloutEvent> events = emissions.stream()
                .filter(Emission.Event.class::isInstance)
                .map(e -> ((Emission.Event) e).event())
                .toList();
        assertEquals(1, events.size(), emissions::toString);
        return events.get(0);
    }

    static void assertNoUpdate(List<Emission> emissions) {
        assertEquals(List.of(), emissions.stream().filter(Emission.Thresholds.class::isInstance).toList());
    }

    void restart() throws IOException {
        state = savedAndRestored(state);
    }

    static RolloutState savedAndRestored(RolloutState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new RolloutStateCodec().write(state, new DataOutputStream(bytes));
        return new RolloutStateCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    static ClassFit missing(String gate) {
        return new ClassFit(BOARD, null, "waiting", gate, List.of(), null);
    }

    /** The accelerator is worth nothing, so "never delegate" saves. */
    static ClassFit slowAccelerator(Incumbent incumbent) {
        return fitted(5e-11, incumbent);
    }

    /** The accelerator is worth it, as the paper's thresholds have it already. */
    static ClassFit fastAccelerator() {
        return fitted(1e-12, null);
    }

    private static ClassFit fitted(double acceleratorSecondsPerMac, Incumbent incumbent) {
        CostModelEstimate estimate = CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(exactly(1e-11))
                .setDispatchSeconds(exactly(1e-4))
                .setAcceleratorSecondsPerMac(exactly(acceleratorSecondsPerMac))
                .setSecondsPerByte(exactly(1e-10))
                .setCpuSamples(100)
                .setAcceleratorSamples(100)
                .setDistinctRegions(12)
                .setMedianRelativeError(0.05)
                .build();
        return new ClassFit(BOARD, estimate, null, null, List.of(WorkloadRegion.unmeasured(new RunModel("hash input:1x3", "model"), REGION, 1)), incumbent);
    }

    private static Interval exactly(double value) {
        return new Interval(value, value, value);
    }

    static ThresholdUpdate handSet(long epoch, boolean killSwitch) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(BOARD.deviceClass())
                .setSimulated(false)
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(2)
                .setMinMacs(1000)
                .setMaxBytesPerMac(1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("by-hand")
                .setStage(RolloutStage.FULL)
                .setMembershipPerMille(1000)
                .setKillSwitch(killSwitch)
                .setIssuedAt(NOW)
                .setIssuedBy("somebody")
                .setReason("by hand")
                .build();
    }
}
