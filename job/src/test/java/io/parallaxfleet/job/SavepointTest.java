package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.DelegationMode;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops the job with a savepoint at parallelism 1, goes on from it at 4, stops again and ends at 2. */
class SavepointTest {
    private final SyntheticJob job = new SyntheticJob();

    @Test
    void aRescaledJobGoesOnWithoutLosingOrRepeatingAnInference(@TempDir Path directory) throws Exception {
        String first = job.runUntilSavepoint(1, Optional.empty(), directory.resolve("at-1"));
        long atOne = job.counted();
        String second = job.runUntilSavepoint(4, Optional.of(first), directory.resolve("at-4"));
        long atFour = job.counted();
        job.runToTheEnd(2, second);

        assertTrue(0 < atOne && atOne < atFour && atFour < job.counted(), atOne + " and " + atFour + " were counted before the savepoints");
        assertEquals(job.tally(), job.countedByModelAndBranch());
        assertEquals(1, job.thresholds().size(), job.thresholds()::toString);
        assertEquals(DelegationMode.NEVER, job.thresholds().get(0).getMode());
    }
}
