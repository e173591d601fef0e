package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class KernelTimesTest {
    private static KernelTimes times(long[]... startEndPause) {
        KernelTimes times = new KernelTimes();
        times.reset(startEndPause.length);
        for (int step = 0; step < startEndPause.length; step++) {
            times.set(step, startEndPause[step][0], startEndPause[step][1], startEndPause[step][2]);
        }
        return times;
    }

    @Test
    void whatComesBeforeBetweenAndAfterKernelsIsOutside() {
        assertEquals(10 + 5 + 20, times(new long[] {110, 150, 0}, new long[] {155, 180, 0}).outsideNanos(100, 200));
    }

    @Test
    void aGapThatAnotherKernelCoversIsNotOutside() {
        assertEquals(0, times(new long[] {160, 200, 0}, new long[] {100, 120, 0}, new long[] {110, 170, 0}).outsideNanos(100, 200));
    }

    @Test
    void aStepThatPausesInsideIsOutsideForSoLong() {
        assertEquals(7, times(new long[] {100, 200, 7}).outsideNanos(100, 200));
    }

    @Test
    void whatRanBeforeDoesNotCountWhenThereAreFewerSteps() {
        KernelTimes times = times(new long[] {100, 150, 3}, new long[] {150, 200, 3});
        times.reset(1);
        times.set(0, 100, 150, 0);
        assertEquals(50, times.outsideNanos(100, 200));
    }
}
