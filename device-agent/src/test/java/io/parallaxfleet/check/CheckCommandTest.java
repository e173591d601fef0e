package io.parallaxfleet.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.AttributeProto;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
    void showsHowTheBranchesOfALayerShareTheThreads() throws Exception {
        JsonNode report = report("all-minilm-l6-v2", "--thresholds", "never", "--threads", "8");

        assertEquals(8, report.get("plannedThreads").asInt());
        assertFalse(report.get("sideBySide").isEmpty());
        for (JsonNode layer : report.get("sideBySide")) {
            assertTrue(layer.get("branches").size() > 1);
            assertEquals(8, sum(layer.get("branches"), "threads"), layer.toString());
        }
    }

    @Test
    void refusesToPlanForNoThread() {
        assertEquals(2, run("squeezenet1_1", "--threads", "0"));
        assertTrue(err.toString().startsWith("--threads is 0"), err.toString());
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
    void givesTheEvidenceOfEveryVerdictAndOfBreakEven() throws Exception {
        JsonNode region = report("squeezenet1_1", "--thresholds", "F=1e14").get("regions").get(0);

        JsonNode work = region.get("evidence").get(1);
        assertEquals("F", work.get("test").asText());
        assertEquals(region.get("macs").asDouble(), work.get("value").asDouble());
        assertEquals(1e14, work.get("threshold").asDouble());
        assertEquals(work.get("value").asDouble() / 1e14, work.get("ratio").asDouble());
        assertEquals("T_acc", region.get("breakEven").get("evidence").get(0).get("test").asText());
    }

    @Test
    void judgesByExactBreakEvenWhenAsked() throws Exception {
        for (JsonNode region : report("squeezenet1_1", "--break-even").get("regions")) {
            assertEquals(region.get("breakEven").get("kept"), region.get("kept"));
        }
    }

    @Test
    void countsTheWorkInsideALoopAndSaysHow() throws Exception {
        JsonNode report = report("synthetic_greedy_loop");

        // The cell and the output layer: 512x768 and 256x1024 at least.
        assertTrue(report.get("macs").asLong() > 500_000, report.get("macs").toString());
        assertTrue(finding(report, "CONTROL_FLOW").get("detail").asText().contains("iterations unknown, one is counted"));
    }

    @Test
    void plansTheSubGraphsOfControlFlowAndSaysWhoRunsThem() throws Exception {
        JsonNode merged = report("whisper_tiny_decoder_merged").get("bodies");

        assertEquals(2, merged.size());
        for (JsonNode body : merged) {
            assertTrue(body.get("runs").asText().startsWith("by its own plan"), body.toString());
            JsonNode structure = body.get("structures").get(0);
            assertTrue(structure.get("nodes").asInt() > 100 && structure.get("maxBranches").asInt() > 1, body.toString());
        }
    }

    @Test
    void givesTheOperatorsAndTheVerdictsOfEverySubGraph() throws Exception {
        for (JsonNode body : report("whisper_tiny_decoder_merged", "--thresholds", "F=1e14").get("bodies")) {
            JsonNode nodes = body.get("structures").get(0).get("nodes");
            assertEquals(nodes.asInt(), sum(body.get("coverage"), "count"));
            assertEquals(sum(body.get("regions"), "operators"), sum(body.get("coverage"), "eligible"));
            for (JsonNode region : body.get("regions")) {
                assertTrue(region.get("reason").asText().contains("F = "), region.toString());
            }
        }
    }

    @Test
    void leavesTheBodyOfALoopToOnnxRuntimeWhereItGainsNothingAndSaysSo() throws Exception {
        JsonNode loop = report("synthetic_greedy_loop").get("bodies").get(0);
        assertTrue(loop.get("name").asText().startsWith("Loop"), loop.toString());
        assertTrue(loop.get("runs").asText().startsWith("in ONNX Runtime"), loop.toString());
        assertTrue(loop.get("structures").get(0).get("nodes").asInt() > 20, loop.toString());
    }

    @Test
    void saysThatABodyWithSomethingToDelegateRunsByItsPlan() throws Exception {
        JsonNode loop = report("synthetic_greedy_loop", "--thresholds", "N=1,F=0,B/F=1e9").get("bodies").get(0);
        assertTrue(loop.get("runs").asText().startsWith("by its own plan in each iteration"), loop.toString());
    }

    @Test
    void saysOfAScanOfOpset8WhyItRunsAsAWhole() throws Exception {
        OnnxFixture body = new OnnxFixture().input("h", "4").input("slice", "4")
                .node("Add", List.of("h", "slice"), List.of("next")).node("Tanh", List.of("next"), List.of("row"))
                .output("next").output("row");
        Path file = new OnnxFixture().opset(8).input("x", "2", "4").input("s", "2", "3", "4")
                .node("Scan", List.of("", "x", "s"), List.of("last", "rows"), OnnxFixture.body("body", body),
                        AttributeProto.newBuilder().setName("num_scan_inputs").setType(AttributeProto.AttributeType.INT).setI(1).build())
                .output("last").output("rows").write(cache.resolve("scan8.onnx"));

        JsonNode scan = report(file.toString()).get("bodies").get(0);

        assertTrue(scan.get("runs").asText().contains("a Scan of opset 8"), scan.toString());
    }

    @Test
    void saysHowLongThePlanTook() throws Exception {
        JsonNode report = report("squeezenet1_1");

        assertTrue(report.get("planningNanos").asLong() > 0 && report.get("plannedSteps").asInt() > 0);
    }

    private static JsonNode finding(JsonNode report, String kind) {
        for (JsonNode finding : report.get("findings")) {
            if (finding.get("kind").asText().equals(kind)) {
                return finding;
            }
        }
        throw new AssertionError("no " + kind + " among " + report.get("findings"));
    }

    private static String write(OnnxFixture model, String name) {
        return model.write(cache.resolve(name)).toString();
    }

    @Test
    void namesWhereOpenShapesBegin() throws Exception {
        JsonNode report = report(write(new OnnxFixture().input("x", "8", "8").node("NonZero", List.of("x"), List.of("places"))
                .node("Cast", List.of("places"), List.of("y"), cast(ElementType.FLOAT)).output("y"), "open.onnx"));

        assertEquals("places", finding(report, "DYNAMIC_SHAPE").get("subject").asText());
        assertEquals(2, report.get("dynamicTensorNames").size());
    }

    @Test
    void namesPrecisionsThatTheAcceleratorDoesNotHave() throws Exception {
        JsonNode report = report(write(new OnnxFixture().input("x", "8").node("Cast", List.of("x"), List.of("d"), cast(ElementType.DOUBLE))
                .node("Exp", List.of("d"), List.of("y")).output("y"), "double.onnx"));

        assertEquals("DOUBLE", finding(report, "PRECISION").get("subject").asText());
    }

    private static AttributeProto cast(ElementType type) {
        return AttributeProto.newBuilder().setName("to").setType(AttributeProto.AttributeType.INT).setI(type.onnxCode()).build();
    }

    @Test
    void namesEveryOperatorWithoutAnyKernel() throws Exception {
        String model = write(new OnnxFixture().input("x", "8").node("Frobnicate", List.of("x"), List.of("a"))
                .node("Relu", List.of("a"), List.of("b")).node("Twiddle", List.of("b"), List.of("y")).output("y"), "odd.onnx");

        assertEquals(1, run(model, "--json", "--cache", cache.toString()));
        JsonNode report = new ObjectMapper().readTree(out.toString());

        assertEquals(2, report.get("findings").size());
        assertEquals("Frobnicate", report.get("findings").get(0).get("subject").asText());
        assertEquals("Twiddle", report.get("findings").get(1).get("subject").asText());
        assertTrue(err.toString().contains("Frobnicate"), err.toString());
    }

    @Test
    void drawsThePlan() throws Exception {
        Path svg = cache.resolve("plan.svg");
        Path dot = cache.resolve("plan.dot");
        report("squeezenet1_1", "--svg", svg.toString(), "--dot", dot.toString());

        assertTrue(Files.readString(svg).startsWith("<svg "));
        assertTrue(Files.readString(dot).startsWith("digraph "));
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
        void forTwoPoliciesAtOnce() {
            fails(2, "exclude one another", "squeezenet1_1", "--break-even", "--thresholds", "N=3", "--cache", cache.toString());
        }

        @Test
        void forThresholdsThatDoNotParse() {
            fails(2, "'Q'", "squeezenet1_1", "--thresholds", "Q=3", "--cache", cache.toString());
        }
    }
}
