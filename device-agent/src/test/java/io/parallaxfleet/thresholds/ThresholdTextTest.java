package io.parallaxfleet.thresholds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdTextTest {
    @Test
    void allThreePartsInAnyOrder() {
        assertEquals(new DelegationPolicy.Thresholds(5, 20_000_000L, 0.25), ThresholdText.parse(" B/F=0.25, n=5 ,F=2e7"));
    }

    @Test
    void partsLeftOutKeepThePapersValue() {
        assertEquals(new DelegationPolicy.Thresholds(3, 1_000_000L, 0.1), ThresholdText.parse("F=1e6"));
    }

    @Test
    void neverAndPaperAreWords() {
        assertEquals(new DelegationPolicy.Never(), ThresholdText.parse("never"));
        assertEquals(DelegationPolicy.paper(), ThresholdText.parse("Paper"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "N=0; N=0",
        "N=3.5; N=3.5",
        "N=three; N=three",
        "F=-1; F=-1",
        "F=1e99; F=1e99",
        "B/F=NaN; B/F=NaN",
        "B/F=-0.1; B/F=-0.1",
        "M=3; 'M'",
        "N3; 'N3'",
        "N=1,N=2; twice",
        "''; empty",
        "N=1,; has no '='"
    })
    void whatIsWrongIsNamedInOneLine(String text, String mention) {
        String message = assertThrows(IllegalArgumentException.class, () -> ThresholdText.parse(text)).getMessage();

        assertTrue(message.contains(mention) && message.lines().count() == 1, message);
    }
}
