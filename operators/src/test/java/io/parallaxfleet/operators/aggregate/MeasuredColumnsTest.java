package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasuredColumnsTest {
    private static final AggregateKey KEY =
            new AggregateKey(new ClassKey("class", false), "model", "L0.B0", "CPU", "plan", 1, false);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MeasuredColumns.ROWS - 1, MeasuredColumns.ROWS, 1000})
    void giveWhatAddingOneSampleAfterTheOtherWouldHaveGiven(int inferences) {
        Accumulator[] expected = {new Accumulator(), new Accumulator(), new Accumulator()};
        Accumulator[] actual = {new Accumulator(), new Accumulator(), new Accumulator()};
        MeasuredColumns columns = new MeasuredColumns(actual);
        SplittableRandom random = new SplittableRandom(1);
        for (int n = 0; n < inferences; n++) {
            // Longer than there are branches, as a reader's arrays are.
            long[] latencies = random.longs(5, 0, 1L << 40).toArray();
            long[] peaks = random.longs(5, 0, 1 << 20).toArray();
            long[] energies = random.nextInt(4) == 0 ? null : random.longs(5, 0, 1000).toArray();
            String source = random.nextInt(10) == 0 ? "battery" : "rapl";
            columns.add(latencies, peaks, energies, source);
            for (int i = 0; i < expected.length; i++) {
                expected[i].addMeasured(latencies[i], peaks[i]);
                if (energies != null) {
                    expected[i].addEnergy(energies[i], source);
                }
            }
        }
        columns.empty();

        for (int i = 0; i < expected.length; i++) {
            assertSame(expected[i].result(KEY, 0, 10, false), actual[i].result(KEY, 0, 10, false));
        }
    }

    @Test
    void areEmptyOnceTheyWereEmptied() {
        Accumulator[] sums = {new Accumulator()};
        MeasuredColumns columns = new MeasuredColumns(sums);
        columns.add(new long[] {5}, new long[] {6}, new long[] {7}, "rapl");
        columns.empty();
        columns.empty();

        ClassAggregate result = sums[0].result(KEY, 0, 10, false);
        assertEquals(1, result.getCount());
        assertEquals(5, result.getLatencyMeanNanos());
        assertEquals(7, result.getEnergyMicrojoulesMean());
    }

    private static void assertSame(ClassAggregate expected, ClassAggregate actual) {
        // Sums depend on the order of addition in the last digits.
        assertEquals(expected.getLatencyMeanNanos(), actual.getLatencyMeanNanos(), 1e-12 * expected.getLatencyMeanNanos());
        actual.setLatencyMeanNanos(expected.getLatencyMeanNanos());
        assertEquals(expected, actual);
    }
}
