package io.parallaxfleet.streambench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole benchmark on a small topic: real broker, real contenders, each in its process. */
class StreamBenchIT {
    @Test
    void everyContenderGivesTheAggregatesOfTheReferenceAndIsReported(@TempDir Path directory) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        int code = StreamBench.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), "stream-bench", "--samples", "100000",
                "--share", "50000", "--turns", "1", "--warm-ups", "1", "--directory", directory.toString());

        String said = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(0, code, said);
        for (String contender : List.of("job", "job-rocksdb", "sql", "streams")) {
            assertTrue(said.contains(contender + " agrees with the reference"), said);
        }
        assertTrue(said.contains("where the time of job goes"), said);
    }
}
