package io.parallaxfleet.check.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few mutants through ONNX Runtime in a process of its own; {@link NativeFuzz} runs as many as one likes. */
class NativeFuzzTest {
    private static final int MUTANTS = 40;

    @TempDir
    Path folder;

    @Test
    void onnxRuntimeOpensTheSeeds() throws IOException, InterruptedException {
        try (NativeFuzz worker = new NativeFuzz(folder)) {
            for (byte[] seed : SeedModels.small()) {
                assertEquals("prepared", worker.ask(seed));
            }
        }
    }

    @Test
    void noMutantEndsTheProcessThatPreparesIt() throws IOException, InterruptedException {
        Mutants mutants = new Mutants(folder, 3);
        try (NativeFuzz worker = new NativeFuzz(folder)) {
            for (int number = 0; number < MUTANTS; number++) {
                String answer = worker.ask(mutants.get(number));
                assertTrue(answer.matches("refused|runtime|prepared"), "mutant " + number + ": " + answer);
            }
        }
    }
}
