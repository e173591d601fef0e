package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassObservationsCodecTest {
    private static final ClassKey CLASS = new ClassKey("board", false);

    @Test
    void whatIsSavedGoesOnAsIfNothingHadHappened() throws IOException {
        ClassObservations original = new ClassObservations(3);
        original.workload().addPlan(Plans.ofTwoBranches("plan"));
        observe(original, 0, 500);
        ClassObservations restored = read(write(original));

        observe(original, 500, 900);
        observe(restored, 500, 900);

        assertTrue(restored.changed());
        assertEquals(original.workload().regions(), restored.workload().regions());
        assertArrayEquals(original.reservoir().regions().get(0).latenciesNanos(),
                restored.reservoir().regions().get(0).latenciesNanos());
    }

    @Test
    void whatTheDevicesRunByThemselvesIsKept() throws IOException {
        ClassObservations original = new ClassObservations(3);
        PlanProfile plan = Plans.ofTwoBranches("plan");
        plan.setPolicy(Plans.thresholds(1, 100_000, 1e6));
        original.workload().addPlan(plan);
        observe(original, 0, 50);

        assertEquals(original.workload().incumbent(), read(write(original)).workload().incumbent());
        assertEquals(1.0, original.workload().incumbent().orElseThrow().delegatedShare().values().iterator().next());
    }

    @Test
    void aPlanSavedByVersionOneSaysNothingOfItsRuleOrItsDelegatedRegions() throws IOException {
        ClassObservations old = read(versionOne());

        Incumbent incumbent = old.workload().incumbent().orElseThrow();
        assertEquals(new Incumbent(3, null, Map.of()), incumbent);
        assertEquals(1, old.workload().regions().size());
    }

    @Test
    void runsSavedByVersionTwoAreKeptWithoutTheirModelAndDevice() throws IOException {
        ClassObservations old = read(versionTwo());

        RegionRuns runs = old.reservoir().regions().get(0);
        assertArrayEquals(new long[] {50, 60}, runs.latenciesNanos());
        assertEquals("", runs.modelKey());
        assertArrayEquals(new int[] {0, 0}, runs.devices());
    }

    // One region, run twice on the accelerator.
    private static byte[] versionTwo() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(2);
        out.writeBoolean(true);
        out.writeLong(2);
        out.writeLong(2);
        out.writeLong(3);
        out.writeInt(1);
        out.writeInt(4);
        out.writeLong(2_000_000);
        out.writeLong(3000);
        out.writeByte(2);
        out.writeLong(2);
        out.writeInt(2);
        out.writeLong(50);
        out.writeLong(60);
        out.writeInt(2);
        out.writeInt(0);
        out.writeInt(0);
        return bytes.toByteArray();
    }

    @Test
    void whatIsNormalIsKept() throws IOException {
        ClassObservations original = new ClassObservations(3);
        observe(original, 0, 100);
        original.drift.detector.settle(original.reservoir().regions());
        original.drift.wideFor = 7;
        ClassObservations restored = read(write(original));

        assertEquals(1, restored.drift.detector.references.size());
        assertEquals(original.drift.detector.references, restored.drift.detector.references);
        assertEquals(original.drift.detector.accelerator.referenceRuns, restored.drift.detector.accelerator.referenceRuns);
        assertEquals(7, restored.drift.wideFor);
    }

    @Test
    void whoIsHeardAndWhoIsNotIsKept() throws IOException {
        ClassObservations original = new ClassObservations(3);
        observe(original, 0, 100);
        original.roster.quarantine(original.roster.number("device-3"));
        ClassObservations restored = read(write(original));

        assertEquals(original.roster.members, restored.roster.members);
        assertEquals(original.roster.candidates, restored.roster.candidates);
        assertEquals(1, restored.quarantined());
        assertEquals("rapl", restored.energies().mainSource().orElseThrow());
        assertArrayEquals(original.energies().of("rapl").regions().get(0).latenciesNanos(),
                restored.energies().of("rapl").regions().get(0).latenciesNanos());
        assertArrayEquals(original.reservoir().regions().get(0).devices(), restored.reservoir().regions().get(0).devices());
        assertEquals("hash input:1x3", restored.reservoir().regions().get(0).modelKey());
    }

    // One plan of one region, run nine times.
    private static byte[] versionOne() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeBoolean(true);
        out.writeLong(9);
        out.writeLong(9);
        out.writeLong(3);
        out.writeInt(0);
        out.writeInt(1);
        out.writeUTF("plan");
        out.writeLong(9);
        out.writeInt(1);
        out.writeUTF("plan");
        out.writeUTF("hash input:1x3");
        out.writeLong(3);
        out.writeBoolean(false);
        out.writeInt(1);
        out.writeInt(4);
        out.writeLong(2_000_000);
        out.writeLong(3000);
        return bytes.toByteArray();
    }

    @Test
    void aVersionOfTheFutureIsRefusedByName() {
        IOException refused = assertThrows(IOException.class, () -> read(new byte[] {99}));

        assertTrue(refused.getMessage().contains("version 99"), refused.getMessage());
    }

    private static void observe(ClassObservations observations, int from, int to) {
        for (int i = from; i < to; i++) {
            observations.add(new CostObservation(CLASS, "plan", "hash input:1x3", "device-" + i % 7,
                    List.of(new CostSample(new RegionShape(2, 1000, 10), CostSide.ACCELERATOR, 1 + i)), "rapl",
                    List.of(new CostSample(new RegionShape(2, 1000, 10), CostSide.ACCELERATOR, 7 + i))));
        }
    }

    private static byte[] write(ClassObservations observations) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ClassObservationsCodec().write(observations, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static ClassObservations read(byte[] bytes) throws IOException {
        return new ClassObservationsCodec().read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
