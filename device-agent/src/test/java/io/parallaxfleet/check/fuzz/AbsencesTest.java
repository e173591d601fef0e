package io.parallaxfleet.check.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Operators without an input, an output or an element, prepared and run in a process of its own. */
@EnabledOnOs(OS.LINUX)
@Timeout(600)
class AbsencesTest {
    /** What ended the process before it was refused. */
    private static final List<String> FOUND = List.of("Split output 0 left out", "Split#2 output 1 left out", "LayerNormalization input 2 left out",
            "LpNormalization x0 dimension 1=0", "TopK x0 dimension 0=0", "Unique x0 dimension 1=0", "DFT x0 dimension 1=0",
            "LSTM x0 dimension 1=0", "GRU x0 dimension 0=0", "Einsum input 1 left out", "MultiHeadAttention* x2 dimension 2=0",
            "Attention* input 2 left out", "Attention* inputs from 2 left out", "SkipLayerNormalization* x1 dimension 0=0",
            "RotaryEmbedding* x0 dimension 2=0", "QLinearConcat* input 3 left out");

    @TempDir
    Path folder;

    @Test
    @DisplayName("what was found is refused")
    void found() throws IOException, InterruptedException {
        Map<String, ModelProto> all = Absences.all();
        Map<String, String> others = new TreeMap<>();
        try (NativeFuzz worker = NativeFuzz.running(folder)) {
            for (String what : FOUND) {
                String answer = worker.ask(all.get(what).toByteArray());
                if (!answer.equals("refused")) {
                    others.put(what, answer);
                }
            }
        }
        assertEquals(Map.of(), others);
    }

    @Test
    @DisplayName("nothing that is absent ends the process")
    void all() throws IOException, InterruptedException {
        Map<String, String> bad = new TreeMap<>();
        try (NativeFuzz worker = NativeFuzz.running(folder)) {
            for (Map.Entry<String, ModelProto> mutant : Absences.all().entrySet()) {
                String answer = worker.ask(mutant.getValue().toByteArray());
                if (!answer.matches("refused|runtime|ran")) {
                    bad.put(mutant.getKey(), answer);
                }
            }
        }
        assertTrue(bad.isEmpty(), bad::toString);
    }
}
