package io.parallaxfleet.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.graph.OnnxFixture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AblationCommandTest {
    private static final int ROWS = 128;
    /** Widths of the branches: close enough for the paper's β, far enough apart that a budget can tell them from one another. */
    private static final int[] WIDTHS = {96, 112, 128};

    @TempDir
    private Path directory;

    /** Three branches side by side between a product and a sum. */
    private Path model() {
        OnnxFixture model = new OnnxFixture().input("x", String.valueOf(ROWS), String.valueOf(ROWS)).output("y");
        model.initializer(OnnxFixture.floats("w", List.of((long) ROWS, (long) ROWS), values(ROWS * ROWS)));
        model.node("MatMul", List.of("x", "w"), List.of("stem"));
        List<String> ends = new ArrayList<>();
        for (int width : WIDTHS) {
            String name = "b" + width;
            model.initializer(OnnxFixture.floats(name + "w", List.of((long) ROWS, (long) width), values(ROWS * width)));
            model.initializer(OnnxFixture.floats(name + "v", List.of((long) width, (long) ROWS), values(ROWS * width)));
            model.node("MatMul", List.of("stem", name + "w"), List.of(name + "wide"));
            model.node("Sin", List.of(name + "wide"), List.of(name + "bent"));
            model.node("MatMul", List.of(name + "bent", name + "v"), List.of(name + "back"));
            model.node("Cos", List.of(name + "back"), List.of(name + "end"));
            ends.add(name + "end");
        }
        return model.node("Sum", ends, List.of("y")).write(directory.resolve("forked.onnx"));
    }

    private static float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i % 17 - 8) / 64f;
        }
        return values;
    }

    private String run(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--model", model().toString(), "--threads", "2", "--runs", "1", "--warm-up", "0",
                "--no-memory", "--cache", directory.resolve("cache").toString()));
        arguments.addAll(List.of(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new AblationCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        assertEquals(0, exit, err.toString());
        return out.toString();
    }

    @Test
    @DisplayName("one command gives every table and plot, and each row ran by the plan that its flags ask for")
    void everything() throws Exception {
        Path written = directory.resolve("report");
        JsonNode model = new ObjectMapper().readTree(run("--json", "--out", written.toString())).path("models").get(0);

        for (JsonNode row : model.path("rows")) {
            assertTrue(row.has("leftOut") || row.path("medianNanos").asLong() > 0, row.toString());
            assertTrue(row.has("leftOut") || row.path("relativeDifference").asDouble() < 1e-4, row.toString());
            String flags = row.path("flags").toString();
            String setting = row.path("setting").asText();
            assertEquals(flags.contains("SPLIT"), setting.startsWith("SPLIT"), row.toString());
            assertEquals(flags.contains("--layer-barrier"), setting.contains("layer barrier"), row.toString());
            assertEquals(flags.contains("--budget"), setting.contains("budget"), row.toString());
            assertEquals(flags.contains("--greedy-subset"), setting.contains("greedy subset"), row.toString());
            assertEquals(flags.contains("--no-sharing"), setting.contains("no sharing"), row.toString());
        }
        assertEquals(1, model.path("tightBudget").path("layers").asInt());
        assertTrue(model.path("tightBudget").path("layersNotHeld").asInt() > 0);
        assertEquals(1, model.path("tightBudgetWithoutRefinement").path("layers").asInt());
        JsonNode arenas = model.path("arenaBytes");
        assertTrue(arenas.path("engine").asLong() < arenas.path("engineWithoutSharing").asLong(), arenas.toString());
        assertEquals(3, model.path("layers").get(0).path("branches").asInt());
        assertEquals(3, model.path("structures").size());

        String tables = Files.readString(written.resolve("ablation.md"));
        assertWellFormed(tables);
        for (String chart : List.of("ablation-threads.svg", "ablation-latency.svg")) {
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(written.resolve(chart).toFile());
        }
    }

    @Test
    @DisplayName("without timing there are the tables that follow from plans, and no plots")
    void plansOnly() throws IOException {
        Path written = directory.resolve("plans");
        String tables = run("--plans-only", "--out", written.toString());

        assertTrue(tables.contains("Table 5") && tables.contains("Table 7"), tables);
        assertFalse(tables.contains("Table 3") || tables.contains("Table 6"), tables);
        assertFalse(Files.exists(written.resolve("ablation-latency.svg")));
    }

    /** Every line of a Markdown table has as many cells as its head. */
    private static void assertWellFormed(String tables) throws IOException {
        int cells = 0;
        int found = 0;
        for (String line : tables.split("\n")) {
            if (!line.startsWith("|")) {
                cells = 0;
                continue;
            }
            int here = line.split(" ?\\| ?", -1).length;
            if (cells == 0) {
                cells = here;
                found++;
            }
            assertEquals(cells, here, line);
        }
        assertEquals(5, found, tables);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--runs 0 | --runs is 0",
        "--model MODEL,absent.onnx | absent.onnx",
        "--model MODEL --out MODEL/report | cannot be written",
    })
    @DisplayName("what cannot be found, run or written is told before anything is prepared")
    void refuses(String arguments, String told) {
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new AblationCommand()).setErr(new PrintWriter(err))
                .setExecutionExceptionHandler((failure, line, result) -> {
                    line.getErr().print(failure.getMessage());
                    return 1;
                })
                .execute((arguments + " --plans-only --cache " + directory).replace("MODEL", model().toString()).split(" "));
        assertEquals(1, exit);
        assertTrue(err.toString().contains(told), err.toString());
        assertFalse(err.toString().contains("preparing"), err.toString());
    }
}
