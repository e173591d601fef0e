package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DelegationContrastTest {
    private static final PlanProfile DELEGATING = Plans.ofTwoBranches("delegating");

    private final DelegationContrast contrast = new DelegationContrast();

    @Test
    void whatTheRegionWouldHaveCostOnTheCpuFollowsFromTheWholeInferences() {
        runOnCpu(contrast, 8_000_000, 5);

        // 3 ms in all, of which the accelerator had 2 ms: without it, the region accounts for 8 - 3 + 2 ms.
        assertEquals(Optional.of(new CostSample(new RegionShape(4, 2_000_000, 3000), CostSide.CPU_BY_CONTRAST, 7_000_000)),
                contrast.observe(Telemetry.good(), DELEGATING));
    }

    @Test
    void itMayComeOutNegative() {
        runOnCpu(contrast, 100_000, 5);

        assertEquals(-900_000, contrast.observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos());
    }

    @Test
    void aFewRunsWithoutDelegationAreNotEnough() {
        runOnCpu(contrast, 8_000_000, DelegationContrast.MIN_RUNS - 1);

        assertEquals(Optional.empty(), contrast.observe(Telemetry.good(), DELEGATING));
    }

    @Test
    void anotherModelIsNoBaseline() {
        runOnCpu(contrast, 8_000_000, 20);
        PlanProfile other = Plans.ofTwoBranches("other");
        other.setModelHash("another model");

        assertEquals(Optional.empty(), contrast.observe(Telemetry.good(), other));
    }

    @Test
    void aRunThatFellBackIsNoContrast() {
        runOnCpu(contrast, 8_000_000, 20);
        InferenceTelemetry fellBack = Telemetry.good();
        fellBack.setBranchActual(Telemetry.bytes(1, 1));

        assertEquals(Optional.empty(), contrast.observe(fellBack, DELEGATING));
    }

    @Test
    void theBaselineFollowsTheNewestRuns() {
        runOnCpu(contrast, 8_000_000, 100);
        runOnCpu(contrast, 5_000_000, DelegationContrast.RUNS);

        assertEquals(4_000_000, contrast.observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos());
    }

    @Test
    void rememberedModelsAreBounded() {
        for (int i = 0; i < 3 * DelegationContrast.MAX_MODELS; i++) {
            PlanProfile plan = withoutDelegation();
            plan.setModelHash("model-" + i);
            contrast.observe(Telemetry.good(), plan);
        }

        assertEquals(DelegationContrast.MAX_MODELS, contrast.baselines.size());
    }

    @Test
    void aSavedContrastGoesOnAsBefore() throws IOException {
        runOnCpu(contrast, 8_000_000, 7);

        assertEquals(contrast.observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos(),
                saved(contrast).observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos(), 0.006 * 8_000_000);
    }

    @Test
    void savingItAgainAndAgainChangesNothingMore() throws IOException {
        for (int run = 0; run < DelegationContrast.RUNS; run++) {
            runOnCpu(contrast, 8_000_000 + 123_457L * run, 1);
        }
        DelegationContrast once = saved(contrast);

        assertEquals(once.observe(Telemetry.good(), DELEGATING), saved(saved(once)).observe(Telemetry.good(), DELEGATING));
    }

    @Test
    void runsThatTookManyTimesTheOthersDoNotMoveWhatIsRestored() throws IOException {
        runOnCpu(contrast, 8_000_000_000L, 2);
        runOnCpu(contrast, 8_000_000, 7);

        assertEquals(7_000_000, saved(contrast).observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos(), 0.006 * 8_000_000);
    }

    @Test
    void aContrastOfTheSecondVersionCanBeRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(2);
        out.writeByte(1);
        out.writeInt(Workload.modelKey(DELEGATING).hashCode());
        out.writeByte(DelegationContrast.MIN_RUNS);
        for (int run = 0; run < DelegationContrast.MIN_RUNS; run++) {
            out.writeShort((int) Math.round(2000 * Math.log(8_000_000)));
        }

        assertEquals(7_000_000, read(bytes).observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos(), 0.0005 * 8_000_000);
    }

    @Test
    void aContrastOfTheFirstVersionCanBeRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeInt(1);
        out.writeUTF(Workload.modelKey(DELEGATING));
        out.writeLong(DelegationContrast.MIN_RUNS);
        for (int run = 0; run < DelegationContrast.RUNS; run++) {
            out.writeLong(run < DelegationContrast.MIN_RUNS ? 8_000_000 : 0);
        }

        assertEquals(7_000_000, read(bytes).observe(Telemetry.good(), DELEGATING).orElseThrow().latencyNanos());
    }

    private static DelegationContrast saved(DelegationContrast contrast) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new DelegationContrastCodec().write(contrast, new DataOutputStream(bytes));
        return read(bytes);
    }

    private static DelegationContrast read(ByteArrayOutputStream bytes) throws IOException {
        return new DelegationContrastCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private static void runOnCpu(DelegationContrast contrast, long latencyNanos, int times) {
        InferenceTelemetry onCpu = Telemetry.good();
        onCpu.setLatencyNanos(latencyNanos);
        for (int i = 0; i < times; i++) {
            assertEquals(Optional.empty(), contrast.observe(onCpu, withoutDelegation()));
        }
    }

    private static PlanProfile withoutDelegation() {
        PlanProfile plan = Plans.ofTwoBranches("cpu");
        plan.setBranches(List.of(new BranchProfile("L0.B0", 0, Placement.CPU, null, 9, 3_000_000L, 0L, 500L, "one session")));
        return plan;
    }
}
