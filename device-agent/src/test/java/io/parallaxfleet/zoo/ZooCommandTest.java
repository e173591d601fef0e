package io.parallaxfleet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ZooCommandTest {
    @TempDir
    Path cache;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ZooCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void printsJsonOnStandardOutputAndProgressOnStandardError() throws Exception {
        assertEquals(0, run("--json", "--cache", cache.toString(), "synthetic_greedy_loop"));

        JsonNode model = new ObjectMapper().readTree(out.toString()).get(0);
        assertEquals("random", model.get("weights").asText());
        assertTrue(Files.isRegularFile(Path.of(model.get("path").asText())));
        assertTrue(err.toString().contains("synthetic_greedy_loop written"), err.toString());
        assertFalse(err.toString().contains("\r"));
    }

    @Test
    void failsWithTheKnownNamesOnAnUnknownOne() {
        assertEquals(2, run("--cache", cache.toString(), "resnet"));

        assertTrue(err.toString().startsWith("'resnet' is not a model of the zoo; it has yolov8n"), err.toString());
        assertEquals("", out.toString());
    }
}
