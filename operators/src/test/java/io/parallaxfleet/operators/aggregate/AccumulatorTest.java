package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AccumulatorTest {
    private static final AggregateKey KEY =
            new AggregateKey(new ClassKey("board", false), "model", null, null, null, 4, false);

    @Test
    void warmValidSamplesAreMeasured() {
        ClassAggregate result = result(sample("a", 100, 1500, 1000L, 30L), sample("b", 300, 2500, 1000L, 50L));

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
        ClassAggregate result = result(
                new Measurement(KEY, "a", false, true, false, 9_000_000, 1, null, null, "none"),
                new Measurement(KEY, "a", true, false, false, 9_000_000, 1, null, null, "none"),
                new Measurement(KEY, "a", true, true, true, 9_000_000, 1, null, null, "none"),
                sample("a", 100, 1, null, null));

        assertEquals(1, result.getColdCount());
        assertEquals(1, result.getInvalidCount());
        assertEquals(1, result.getFallbackCount());
        assertEquals(1, result.getCount());
        assertEquals(100, result.getLatencyMeanNanos(), 1e-9);
    }

    @Test
    void unavailableIsNullAndNeverZero() {
        ClassAggregate result = result(sample("a", 100, 1, null, null));

        assertNull(result.getMemoryOverhead());
        assertNull(result.getEnergyMicrojoulesMean());
        assertEquals("none", result.getEnergySource());
    }

    @Test
    void aWindowOfColdSamplesOnlyHasNoMeasuredSample() {
        ClassAggregate result = result(new Measurement(KEY, "a", false, true, false, 5, 1, null, null, "none"));

        assertEquals(0, result.getCount());
        assertEquals(1, result.getDevices());
    }

    @Test
    void energyFromSeveralSourcesNamesThemAll() {
        ClassAggregate result = result(sample("a", 1, 1, null, 5L),
                new Measurement(KEY, "b", true, true, false, 1, 1, null, 7L, "battery"));

        assertEquals("battery+rapl", result.getEnergySource());
    }

    @Test
    void mergingIsTheSameAsAddingAllToOne() {
        List<Measurement> samples = randomSamples(500);
        Accumulator left = of(samples.subList(0, 200));
        left.merge(of(samples.subList(200, 500)));

        assertSame(of(samples), left);
    }

    @Test
    void aSavedAccumulatorComesBackAsItWas() throws IOException {
        Accumulator accumulator = of(randomSamples(300));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new AccumulatorCodec().write(accumulator, new DataOutputStream(bytes));

        Accumulator restored = new AccumulatorCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertSame(accumulator, restored);
    }

    private static void assertSame(Accumulator expected, Accumulator actual) {
        ClassAggregate a = expected.result(KEY, 0, 10);
        ClassAggregate b = actual.result(KEY, 0, 10);
        // Sums depend on the order of addition in the last digits.
        assertEquals(a.getLatencyMeanNanos(), b.getLatencyMeanNanos(), 1e-6);
        assertEquals(a.getMemoryOverhead(), b.getMemoryOverhead(), 1e-9);
        b.setLatencyMeanNanos(a.getLatencyMeanNanos());
        b.setMemoryOverhead(a.getMemoryOverhead());
        assertEquals(a, b);
    }

    private static List<Measurement> randomSamples(int count) {
        SplittableRandom random = new SplittableRandom(3);
        List<Measurement> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(new Measurement(KEY, "device-" + random.nextInt(9), random.nextInt(10) > 0, random.nextInt(10) > 0,
                    random.nextInt(20) == 0, random.nextLong(1_000_000), random.nextLong(10_000), 1000L, random.nextLong(100),
                    "rapl"));
        }
        return samples;
    }

    private static Measurement sample(String device, long latencyNanos, long arenaBytes, Long baseline, Long energy) {
        return new Measurement(KEY, device, true, true, false, latencyNanos, arenaBytes, baseline, energy, "rapl");
    }

    private static Accumulator of(List<Measurement> samples) {
        Accumulator accumulator = new Accumulator();
        samples.forEach(accumulator::add);
        return accumulator;
    }

    private static ClassAggregate result(Measurement... samples) {
        return of(List.of(samples)).result(KEY, 0, 10);
    }
}
