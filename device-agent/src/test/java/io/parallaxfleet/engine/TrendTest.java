package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrendTest {
    private static final int SAMPLES = 40;

    @ParameterizedTest
    @ValueSource(doubles = {0, 3})
    @DisplayName("a slope is found through noise and samples that are far off")
    void growth(double aSample) {
        Random random = new Random(2);
        List<Double> at = IntStream.range(0, SAMPLES).mapToObj(sample -> (double) sample).toList();
        List<Double> values = at.stream()
                .map(sample -> aSample * sample + random.nextGaussian() + (random.nextInt(5) == 0 ? 1_000 * random.nextDouble() : 0)).toList();

        assertEquals(aSample * (SAMPLES - 1), new Trend(at, values).growth(), 8);
    }
}
