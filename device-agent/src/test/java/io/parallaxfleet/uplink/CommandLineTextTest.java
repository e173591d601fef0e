package io.parallaxfleet.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTextTest {
    @Test
    void severalBrokersAreFine() {
        BrokerAddress address = BrokerAddress.parse("one:9092, two:9093,[::1]:9094", "http://registry:8081");

        assertEquals(new BrokerAddress("one:9092,two:9093,[::1]:9094", URI.create("http://registry:8081")), address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:", ":9092", "localhost:0", "localhost:70000", "a:1,,b:2", "http://a:9092", "a b:1"})
    void aMalformedBootstrapIsNamedInOneLine(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> BrokerAddress.parse(text, "http://r:1")).getMessage();

        assertTrue(message.contains("HOST:PORT") && message.lines().count() == 1, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8081", "ftp://r:1", "http://", "not a url"})
    void aMalformedRegistryIsNamedInOneLine(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> BrokerAddress.parse("a:1", text)).getMessage();

        assertTrue(message.contains(text) && message.lines().count() == 1, message);
    }

    @ParameterizedTest
    @CsvSource({"200ms,200", "1.5s,1500", "2m,120000", "1 h,3600000", "0s,0"})
    void durationsAreReadWithTheirUnit(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), DurationText.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "-1s", "5 days", "ms", "1e3s", "99999999999h"})
    void whatIsNoDurationIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> DurationText.parse(text));
    }
}
