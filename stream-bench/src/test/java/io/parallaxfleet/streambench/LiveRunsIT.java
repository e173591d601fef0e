package io.parallaxfleet.streambench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runs against the whole job on a real broker, small and short: that they count what they should, not how fast it is. */
class LiveRunsIT {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void latencyCountsWindowsThatReachedReadersAndThePage(@TempDir Path directory) {
        run("latency", "--devices", "100", "--turns", "1", "--warm-up", "5", "--seconds", "25", "--directory", directory.toString());

        // A slow machine closes fewer windows in the time.
        assertTrue(number("aggregate, after its window's close +([\\d,]+)") > 0, this::text);
        assertTrue(number("window on the page, after its close +([\\d,]+)") > 0, this::text);
    }

    @Test
    void scaleFindsEveryDeviceInTheSavepoint(@TempDir Path directory) {
        int code = run("scale", "--devices", "2000", "--before", "1", "--during", "1", "--checkpoint-millis", "1000", "--heap", "1g",
                "--directory", directory.toString());

        assertEquals(0, code, this::text);
        assertEquals(2000, number("sessions \\(plan-join\\) +([\\d,]+)"), this::text);
        assertEquals(2000, number("device ledgers \\(device-ledgers\\) +([\\d,]+)"), this::text);
        // Of long windows a run across a multiple of five minutes may have none: all were just closed.
        assertTrue(number("open windows of 10 s \\(aggregate\\) +([\\d,]+)") > 0, this::text);
    }

    private int run(String... arguments) {
        return StreamBench.run(new PrintStream(said, true, StandardCharsets.UTF_8), arguments);
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private long number(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text());
        assertTrue(matcher.find(), this::text);
        return Long.parseLong(matcher.group(1).replace(",", ""));
    }
}
