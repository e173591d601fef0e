package io.parallaxfleet.streambench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final Row RIGHT = new Row("key", 10, 1, 2, 3, 100, 200, 300, 150, 4096, 7);

    @Test
    void quantilesMayBeOnePercentOff() {
        assertEquals(Optional.empty(), fault(new Row("key", 10, 1, 2, 3, 100.9, 198.1, 300, 150, 4096, 7)));
        assertTrue(fault(new Row("key", 10, 1, 2, 3, 101.1, 200, 300, 150, 4096, 7)).orElseThrow().contains("quantile"));
    }

    @Test
    void countsMayNotDiffer() {
        assertTrue(fault(new Row("key", 11, 1, 2, 3, 100, 200, 300, 150, 4096, 7)).isPresent());
        assertTrue(fault(new Row("key", 10, 1, 2, 4, 100, 200, 300, 150, 4096, 7)).isPresent());
    }

    @Test
    void aNumberThatIsNoneIsNeverRight() {
        assertTrue(fault(new Row("key", 10, 1, 2, 3, Double.NaN, 200, 300, 150, 4096, 7)).isPresent());
    }

    @Test
    void aMissingAggregateIsNamed() {
        assertTrue(Agreement.fault(Map.of("key", RIGHT), Map.of("other", RIGHT)).orElseThrow().contains("no aggregate key"));
    }

    private static Optional<String> fault(Row given) {
        return Agreement.fault(Map.of("key", RIGHT), Map.of("key", given));
    }
}
