package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AccumulatorTest {
    private static final AggregateKey KEY =
            new AggregateKey(new ClassKey("board", false), "model", null, null, null, 4, false);

    @Test
    void measuredSamplesMakeTheFigures() {
        ClassAggregate result = result(a -> {
            a.addDevice(1);
            a.addMeasured(100, 1500);
            a.addOverhead(1500, 1000);
            a.addEnergy(30, "rapl");
            a.addDevice(2);
            a.addMeasured(300, 2500);
            a.addOverhead(2500, 1000);
            a.addEnergy(50, "rapl");
        });

        assertEquals(2, result.getCount());
        assertEquals(2, result.getDevices());
        assertEquals(200, result.getLatencyMeanNanos(), 1e-9);
        assertEquals(2500, result.getArenaPeakBytesMax());
        assertEquals(1.0, result.getMemoryOverhead(), 1e-9);
        assertEquals(40, result.getEnergyMicrojoulesMean(), 1e-9);
        assertEquals("rapl", result.getEnergySource());
    }

    @Test
    void coldInvalidAndFallbackSamplesAreCountedApartAndNotMeasured() {
        ClassAggregate result = result(a -> {
            a.addCold();
            a.addInvalid();
            a.addFallback();
            a.addMeasured(100, 1);
        });

        assertEquals(1, result.getColdCount());
        assertEquals(1, result.getInvalidCount());
        assertEquals(1, result.getFallbackCount());
        assertEquals(1, result.getCount());
        assertEquals(100, result.getLatencyMeanNanos(), 1e-9);
    }

    @Test
    void fallbacksCarryTheirReasonsAndPlacementsAreCountedPlannedAgainstActual() {
        ClassAggregate result = result(a -> {
            a.addPlacements(5, 3);
            a.addFallbackReason(FallbackReason.DEVICE_LOST.code());
            a.addFallbackReason(FallbackReason.DEVICE_LOST.code());
            a.addFallbackReason(FallbackReason.BUILD_PENDING.code());
        });

        assertEquals(Map.of("DEVICE_LOST", 2L, "BUILD_PENDING", 1L), result.getFallbackReasons());
        assertEquals(5, result.getPlannedAcceleratorCount());
        assertEquals(3, result.getActualAcceleratorCount());
    }

    @Test
    void unavailableIsNullAndNeverZero() {
        ClassAggregate result = result(a -> a.addMeasured(100, 1));

        assertNull(result.getMemoryOverhead());
        assertNull(result.getEnergyMicrojoulesMean());
        assertEquals("none", result.getEnergySource());
    }

    @Test
    void aWindowOfColdSamplesOnlyHasNoMeasuredSample() {
        ClassAggregate result = result(a -> {
            a.addDevice(1);
            a.addCold();
        });

        assertEquals(0, result.getCount());
        assertEquals(1, result.getDevices());
    }

    @Test
    void energyFromSeveralSourcesNamesThemAll() {
        ClassAggregate result = result(a -> {
            a.addMeasured(1, 1);
            a.addEnergy(5, "rapl");
            a.addMeasured(1, 1);
            a.addEnergy(7, "battery");
        });

        assertEquals("battery+rapl", result.getEnergySource());
    }

    @Test
    void mergingIsTheSameAsAddingAllToOne() {
        Accumulator left = random(1, 200);
        left.merge(random(2, 300));
        Accumulator all = random(1, 200);
        addRandom(all, 2, 300);

        assertSame(all, left);
    }

    @Test
    void aSavedAccumulatorComesBackAsItWas() throws IOException {
        Accumulator accumulator = random(3, 300);

        assertSame(accumulator, read(bytes(accumulator)));
    }

    @Test
    void aKeyOfAWholeClassTakesLessThanFourKibibytes() throws IOException {
        Accumulator full = new Accumulator();
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 100_000; i++) {
            full.addDevice(random.nextLong());
            // Latencies over three orders of magnitude, each as likely as the next: far wider than a branch's.
            full.addMeasured((long) (1e5 * Math.pow(1000, random.nextDouble())), random.nextLong(1L << 30));
            full.addEnergy(random.nextLong(1_000_000), "rapl");
        }

        assertTrue(bytes(full).length <= 4096, bytes(full).length + " bytes");
    }

    @Test
    void anAccumulatorOfAnEarlierVersionIsRefusedWithWhatToDo() throws IOException {
        byte[] bytes = bytes(new Accumulator());
        bytes[0] = 1;

        IOException refused = assertThrows(IOException.class, () -> read(bytes));

        assertTrue(refused.getMessage().contains("version 1"), refused.getMessage());
    }

    private static byte[] bytes(Accumulator accumulator) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new AccumulatorCodec().write(accumulator, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static Accumulator read(byte[] bytes) throws IOException {
        return new AccumulatorCodec().read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static void assertSame(Accumulator expected, Accumulator actual) {
        ClassAggregate a = expected.result(KEY, 0, 10, false);
        ClassAggregate b = actual.result(KEY, 0, 10, false);
        // Sums depend on the order of addition in the last digits.
        assertEquals(a.getLatencyMeanNanos(), b.getLatencyMeanNanos(), 1e-6);
        assertEquals(a.getMemoryOverhead(), b.getMemoryOverhead(), 1e-9);
        b.setLatencyMeanNanos(a.getLatencyMeanNanos());
        b.setMemoryOverhead(a.getMemoryOverhead());
        assertEquals(a, b);
    }

    private static Accumulator random(long seed, int count) {
        Accumulator accumulator = new Accumulator();
        addRandom(accumulator, seed, count);
        return accumulator;
    }

    private static void addRandom(Accumulator into, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            into.addDevice(random.nextLong(9));
            into.addPlacements(random.nextInt(2), random.nextInt(2));
            switch (random.nextInt(10)) {
                case 0 -> into.addCold();
                case 1 -> into.addInvalid();
                case 2 -> {
                    into.addFallback();
                    into.addFallbackReason(1 + random.nextInt(4));
                }
                default -> {
                    into.addMeasured(random.nextLong(1_000_000), random.nextLong(10_000));
                    into.addOverhead(random.nextLong(10_000), 1000);
                    into.addEnergy(random.nextLong(100), random.nextInt(5) == 0 ? "battery" : "rapl");
                }
            }
        }
    }

    private static ClassAggregate result(Consumer<Accumulator> samples) {
        Accumulator accumulator = new Accumulator();
        samples.accept(accumulator);
        return accumulator.result(KEY, 0, 10, false);
    }
}
