package io.parallaxfleet.check.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator takes as numbers, at their extremes, prepared and run in a process of its own. A few of them in a build, all of them
 * with {@code -Dparallax.extremes=all}, those of some operators with {@code -Dparallax.extremes=Resize,TopK}.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(3600)
class ExtremeNumbersTest {
    private static final int IN_A_BUILD = 80;
    private static final String ASKED = System.getProperty("parallax.extremes", "");

    @TempDir
    Path folder;

    @Test
    @DisplayName("every operator runs as it is written before its numbers are changed")
    void seeds() throws IOException, InterruptedException {
        Map<String, String> others = new TreeMap<>();
        try (NativeFuzz worker = NativeFuzz.running(folder)) {
            for (Map.Entry<String, ModelProto> seed : OperatorSeeds.all().entrySet()) {
                String answer = worker.ask(seed.getValue().toByteArray());
                if (!answer.equals("ran")) {
                    others.put(seed.getKey(), answer);
                }
            }
        }
        assertEquals(Map.of(), others);
    }

    /** What ended the process, kept it busy or took gigabytes before it was refused. */
    private static final List<String> FOUND = List.of("RoiAlign sampling_ratio=1099511627776", "LayerNormalization axis=2147483648",
            "GatherND#2 batch_dims=-2147483648", "Trilu input 1[0]=-9223372036854775808", "Range input 1[0]=2147483647",
            "Range input 0[0]=-2147483648", "RandomNormal scale=-1.0", "RandomNormalLike scale=NaN", "RandomUniform low=1.0E10",
            "RandomUniform high=NaN", "HannWindow input 0[0]=2147483647", "BlackmanWindow input 0[0]=2147483648",
            "TfIdfVectorizer max_skip_count=1099511627776", "TfIdfVectorizer ngram_indexes[0]=2147483647",
            "Attention* qkv_hidden_sizes[1]=1048576", "Attention* qkv_hidden_sizes[2]=2147483648",
            "GroupQueryAttention* num_heads=1099511627776", "GroupQueryAttention* kv_num_heads=4611686018427387904",
            "GatherBlockQuantized* block_size=0", "GatherBlockQuantized* bits=0", "GatherBlockQuantized* bits=1099511627776",
            "Trilu* input 1[0]=-9223372036854775808");

    @Test
    @DisplayName("what was found is refused before native code sees it, in a line that names the operator")
    void found() {
        Map<String, ModelProto> mutants = new TreeMap<>();
        ExtremeNumbers.all().forEach(mutant -> mutants.put(mutant.what(), mutant.model()));
        for (String what : FOUND) {
            String message = assertThrows(ModelFormatException.class,
                    () -> OnnxModel.of(folder.resolve("m.onnx"), mutants.get(what)), what).getMessage();
            assertTrue(message.contains("the operator 'it'") && message.lines().count() == 1, message);
        }
    }

    @Test
    @DisplayName("no number ends the process, keeps it busy for long or takes much memory")
    void extremes() throws IOException, InterruptedException {
        Map<String, Long> answers = new TreeMap<>();
        List<String> bad = new ArrayList<>();
        try (NativeFuzz worker = NativeFuzz.running(folder)) {
            for (ExtremeNumbers.Mutant mutant : chosen()) {
                String answer = worker.ask(mutant.model().toByteArray());
                answers.merge(answer, 1L, Long::sum);
                if (!answer.matches("refused|runtime|ran")) {
                    bad.add(mutant.what() + ": " + answer);
                    if (!ASKED.isEmpty()) {
                        System.out.println(bad.get(bad.size() - 1));
                    }
                }
            }
        }
        if (!ASKED.isEmpty()) {
            System.out.println(answers);
        }
        assertTrue(bad.isEmpty(), bad::toString);
    }

    private static List<ExtremeNumbers.Mutant> chosen() {
        List<ExtremeNumbers.Mutant> all = ExtremeNumbers.all();
        if (ASKED.equals("all")) {
            return all;
        }
        if (!ASKED.isEmpty()) {
            List<String> operators = List.of(ASKED.split(","));
            return all.stream().filter(mutant -> operators.contains(mutant.what().split("[# *]")[0])).toList();
        }
        SplittableRandom random = new SplittableRandom(7);
        return random.ints(IN_A_BUILD, 0, all.size()).mapToObj(all::get).toList();
    }
}
