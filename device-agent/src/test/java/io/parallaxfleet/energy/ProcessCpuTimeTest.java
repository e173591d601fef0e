package io.parallaxfleet.energy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProcessCpuTimeTest {
    @Test
    void aShortPieceOfWorkShows() {
        long before = ProcessCpuTime.nanos();
        long until = System.nanoTime() + 2_000_000;
        SplittableRandom random = new SplittableRandom(1);
        double sum = 0;
        while (System.nanoTime() < until) {
            sum += Math.sin(random.nextDouble());
        }
        assertTrue(ProcessCpuTime.nanos() > before, "2 ms of work, sum " + sum);
    }
}
