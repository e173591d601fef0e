package io.parallaxfleet.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckCommandTest {
    @TempDir
    static Path cache;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = new CommandLine(new CheckCommand());
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    private JsonNode report(String... arguments) throws Exception {
        String[] all = Arrays.copyOf(arguments, arguments.length + 3);
        all[arguments.length] = "--json";
        all[arguments.length + 1] = "--cache";
        all[arguments.length + 2] = cache.toString();
        assertEquals(0, run(all), err::toString);
        return new ObjectMapper().readTree(out.toString());
    }

    private static int sum(JsonNode entries, String field) {
        int sum = 0;
        for (JsonNode entry : entries) {
            sum += entry.get(field).asInt();
        }
        return sum;
    }

    @Test
    void countsEveryOperatorOnceInTheCoverage() throws Exception {
        JsonNode report = report("squeezenet1_1");

        assertEquals(report.get("nodes").asInt(), sum(report.get("coverage"), "count"));
        assertEquals(sum(report.get("regions"), "operators"), sum(report.get("coverage"), "eligible"));
    }

    @Test
    void showsTheGraphBeforeDelegationWithoutRegions() throws Exception {
        JsonNode before = report("squeezenet1_1").get("structures").get(0);

        assertEquals(0, before.get("delegatedRegions").asInt());
        assertTrue(before.get("maxBranches").asInt() >= 2);
    }

    @Test
    void givesTheReasonWhyARegionIsPruned() throws Exception {
        JsonNode report = report("squeezenet1_1", "--thresholds", "F=1e14");

        assertFalse(report.get("regions").isEmpty());
        for (JsonNode region : report.get("regions")) {
            assertFalse(region.get("kept").asBoolean());
            assertTrue(region.get("reason").asText().startsWith("F = "), region.toString());
        }
        assertEquals(0, report.get("delegatedMacShare").asDouble());
    }

    @Test
    void saysWhyOperatorsStayOnTheCpu() throws Exception {
        JsonNode report = report("synthetic_greedy_loop");

        assertEquals(1, report.get("controlFlowNodes").asInt());
        for (JsonNode operator : report.get("coverage")) {
            if (operator.get("operator").asText().equals("Loop")) {
                assertEquals(1, operator.get("refusals").get("holds sub-graphs").asInt());
            }
        }
    }

    @Test
    void printsAReportForPeople() {
        assertEquals(0, run("squeezenet1_1", "--cache", cache.toString()));

        assertTrue(out.toString().startsWith("squeezenet1_1"), out.toString());
        assertTrue(out.toString().contains("pixel_values:1x3x224x224"));
    }

    @Nested
    class FailsInOneLine {
        private void fails(int code, String told, String... arguments) {
            assertEquals(code, run(arguments));
            assertEquals("", out.toString());
            assertTrue(err.toString().contains(told), err.toString());
            assertEquals(1, err.toString().strip().lines().count(), err.toString());
        }

        @Test
        void forAModelThatIsNotThere() {
            fails(1, "'absent.onnx' does not exist", "absent.onnx", "--cache", cache.toString());
        }

        @Test
        void forThresholdsThatDoNotParse() {
            fails(2, "'Q'", "squeezenet1_1", "--thresholds", "Q=3", "--cache", cache.toString());
        }
    }
}
