package io.parallaxfleet.operators.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Validity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.junit.jupiter.api.Test;

class InferenceReaderTest {
    private final InferenceReader reader = new InferenceReader();

    @Test
    void readsWhatWasWritten() {
        reader.read(RawInference.of(Telemetry.good()));

        assertEquals("device-1", reader.deviceId());
        assertEquals("board", reader.deviceClass());
        assertEquals("model", reader.model());
        assertEquals("plan", reader.planId());
        assertEquals(5, reader.sequence());
        assertEquals(3, reader.policyEpoch());
        assertEquals(3_000_000, reader.latencyNanos());
        assertEquals(1000, reader.oneSessionArenaBytes());
        assertEquals(70, reader.energyMicrojoules());
        assertEquals(2, reader.branches());
        assertEquals(2_000_000, reader.branchLatenciesNanos()[1]);
        assertEquals(40, reader.branchEnergiesMicrojoules()[1]);
        assertEquals(2, reader.planned(1));
        assertTrue(reader.asPlanned());
        assertEquals(Validity.VALID, reader.validity());
        assertEquals("cpu-time-model", reader.energySource());
    }

    @Test
    void branchesOfSubGraphsArePassedBy() {
        InferenceTelemetry looped = Telemetry.good();
        looped.setBodyBranchRuns(Collections.nCopies(300, 7L));
        looped.setBodyBranchLatencyNanos(Collections.nCopies(300, 1_000_000L));
        RawInference record = RawInference.of(looped);

        assertTrue(reader.take(record.bytes(), 0));
        assertEquals(2, reader.branches());
    }

    @Test
    void unknownEnergyIsNotZero() {
        InferenceTelemetry unmetered = Telemetry.good();
        unmetered.setEnergyMicrojoules(null);
        unmetered.setBranchEnergyMicrojoules(null);
        unmetered.setOneSessionArenaBytes(null);

        reader.read(RawInference.of(unmetered));

        assertEquals(-1, reader.energyMicrojoules());
        assertEquals(-1, reader.oneSessionArenaBytes());
        assertNull(reader.branchEnergiesMicrojoules());
    }

    @Test
    void whatFollowsAReasonIsReadToo() {
        InferenceTelemetry throttled = Telemetry.good();
        throttled.setValidity(Validity.THROTTLED);
        throttled.setValidityReason("too hot: 91 °C");
        RawInference record = RawInference.of(throttled);

        assertTrue(reader.take(record.bytes(), 0));
        assertEquals("cpu-time-model", reader.energySource());
    }

    @Test
    void theSessionIsTheDevicesAndTheAgentsStart() {
        assertEquals("device-1/session-1", RawInference.of(Telemetry.good()).session());
    }

    @Test
    void aRecordOfMoreBranchesThanAnyBeforeIsReadWhole() {
        InferenceTelemetry wide = Telemetry.good();
        wide.setBranchLatencyNanos(Collections.nCopies(300, 7L));
        wide.setBranchArenaPeakBytes(Collections.nCopies(300, 8L));
        wide.setBranchEnergyMicrojoules(null);
        byte[] placements = new byte[300];
        Arrays.fill(placements, (byte) 1);
        wide.setBranchPlanned(ByteBuffer.wrap(placements));
        wide.setBranchActual(ByteBuffer.wrap(placements));
        wide.setBranchFallback(ByteBuffer.allocate(300));
        wide.setBranchCoRunning(ByteBuffer.allocate(300));

        reader.read(RawInference.of(wide));

        assertEquals(300, reader.branches());
        assertEquals(7, reader.branchLatenciesNanos()[299]);
        assertEquals(8, reader.branchArenaPeaksBytes()[299]);
    }

    @Test
    void aNameInAnotherScriptIsLeftToTheSlowWayButReadAfterIt() {
        InferenceTelemetry named = Telemetry.good();
        named.setModel("模型");
        RawInference record = RawInference.of(named);

        assertFalse(reader.take(record.bytes(), 0));
        reader.read(record);
        assertEquals("模型", reader.model());
    }

    @Test
    void aRecordThatWasNotCheckedIsRefused() {
        InferenceTelemetry negative = Telemetry.good();
        negative.setLatencyNanos(-1);

        assertThrows(IllegalArgumentException.class, () -> reader.read(RawInference.of(negative)));
    }

    /** What is taken at once must be what the slow way would have let through, and the same numbers. */
    @Test
    void takesNoRecordThatBreaksARuleHoweverItsBytesAreChanged() {
        InferenceTelemetry telemetry = Telemetry.good();
        telemetry.setValidityReason("a reason");
        telemetry.setBatteryPercent(50);
        telemetry.setBodyBranchRuns(List.of(3L, 3L));
        telemetry.setBodyBranchLatencyNanos(List.of(900_000L, 70_000L));
        byte[] good = RawInference.of(telemetry).bytes();
        SplittableRandom random = new SplittableRandom(11);
        int taken = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] mutant = mutate(good, random);
            if (reader.take(mutant, 0)) {
                taken++;
                InferenceTelemetry slow = slowly(mutant);
                assertEquals(Optional.empty(),
                        TelemetryRules.firstFault(slow, slow.getTimestamp()), () -> "taken: " + Arrays.toString(mutant));
                assertSame(slow);
            }
        }
        assertTrue(taken > 10_000, "only " + taken + " mutants were taken, which says little");
    }

    private void assertSame(InferenceTelemetry slow) {
        assertEquals(slow.getDeviceId(), reader.deviceId());
        assertEquals(slow.getModel(), reader.model());
        assertEquals(slow.getSequence(), reader.sequence());
        assertEquals(slow.getLatencyNanos(), reader.latencyNanos());
        assertEquals(slow.getValidity(), reader.validity());
        assertEquals(slow.getWarmup(), reader.warmup());
        assertEquals(slow.getThermalState(), reader.thermalState());
        assertEquals(slow.getForeignCpuShare(), reader.foreignCpuShare());
        assertEquals(slow.getEnergySource(), reader.energySource());
        assertEquals(slow.getBranchLatencyNanos(), column(reader.branchLatenciesNanos()));
        assertEquals(slow.getBranchArenaPeakBytes(), column(reader.branchArenaPeaksBytes()));
        assertEquals(slow.getBranchEnergyMicrojoules(),
                reader.branchEnergiesMicrojoules() == null ? null : column(reader.branchEnergiesMicrojoules()));
        byte[] planned = new byte[reader.branches()];
        for (int i = 0; i < planned.length; i++) {
            planned[i] = reader.planned(i);
        }
        assertArrayEquals(slow.getBranchPlanned().array(), planned);
    }

    private List<Long> column(long[] values) {
        return Arrays.stream(values, 0, reader.branches()).boxed().toList();
    }

    private static byte[] mutate(byte[] good, SplittableRandom random) {
        byte[] mutant = random.nextInt(10) == 0 ? Arrays.copyOf(good, random.nextInt(good.length + 8)) : good.clone();
        for (int left = 1 + random.nextInt(2); left > 0 && mutant.length > 0; left--) {
            int at = random.nextInt(mutant.length);
            mutant[at] = (byte) (random.nextBoolean() ? mutant[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
        }
        return mutant;
    }

    // With Avro's own decoder, which shares no code with the reader.
    private static InferenceTelemetry slowly(byte[] bytes) {
        try {
            BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
            InferenceTelemetry telemetry = new SpecificDatumReader<>(InferenceTelemetry.class).read(null, decoder);
            assertTrue(decoder.isEnd(), () -> "taken with bytes left over: " + Arrays.toString(bytes));
            return telemetry;
        } catch (IOException | AvroRuntimeException e) {
            throw new AssertionError("taken, but Avro cannot read it: " + Arrays.toString(bytes), e);
        }
    }
}
