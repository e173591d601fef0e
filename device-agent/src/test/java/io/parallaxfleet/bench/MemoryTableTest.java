package io.parallaxfleet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTableTest {
    @TempDir
    static Path cache;

    private static MemoryTable.Row row(String model) {
        return MemoryTable.row(ModelPreparation.prepare(ModelCatalogue.resolve(model, cache), Map.of(), cache), 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"squeezenet1_1", "mobilenet_v3_small", "googlenet", "all-minilm-l6-v2"})
    void noPlanTakesMoreThanTheBranchArenasOfThePaperAndThoseTakeLessThanABufferForEachTensor(String model) {
        MemoryTable.Row row = row(model);

        assertTrue(row.branchArenas() < row.naive(), row.toString());
        assertTrue(row.branchArenas() <= row.ownArenas() && row.ownArenas() <= row.naive(), row.toString());
        assertTrue(row.wholePlan() <= row.branchArenas(), row.toString());
        assertTrue(row.engine() <= row.engineUnshared(), row.toString());
        assertTrue(row.engine() <= row.branchArenas(), row.toString());
    }

    @Test
    void whatTheRuntimeHoldsIsAtLeastWhatItHandsOut() {
        OrtArenaProbe measured = row("squeezenet1_1").ort().orElseThrow();

        assertTrue(measured.inUseBytes() > 0 && measured.heldBytes() >= measured.inUseBytes(), measured.toString());
    }

    @Test
    void modelsWithSubGraphsAreNotMeasured() {
        assertTrue(row("synthetic_early_exit_if").ort().isEmpty());
    }

    @Test
    void theLastLineIsTheGeometricMeanOfTheRatios() {
        MemoryTable table = new MemoryTable();
        table.add(new MemoryTable.Row("a", 1, 8_000_000, 4_000_000, 4_000_000, 1_000_000, 2_000_000, 1_000_000, 1_000_000,
                Optional.of(new OrtArenaProbe(2_000_000, 4_000_000))));
        table.add(new MemoryTable.Row("b", 1, 2_000_000, 1_000_000, 1_000_000, 1_000_000, 4_000_000, 4_000_000, 1_000_000,
                Optional.of(new OrtArenaProbe(1_000_000, 1_000_000))));

        String[] lines = table.text(true).split("\n");

        assertEquals("| geometric mean, x ORT in use |  | 2.83 | 1.41 | 1.41 | 0.71 | 2.00 | 1.41 | 0.71 | 1.00 | 1.41 |", lines[lines.length - 1]);
    }
}
