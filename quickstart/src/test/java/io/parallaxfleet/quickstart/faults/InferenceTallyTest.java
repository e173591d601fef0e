package io.parallaxfleet.quickstart.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InferenceTallyTest {
    private final InferenceTally tally = new InferenceTally();

    @BeforeEach
    void threeInferences() {
        for (long sequence = 0; sequence < 3; sequence++) {
            tally.sent(FaultRecords.telemetry("device", sequence));
        }
    }

    @Test
    void agrees_when_the_windows_hold_every_inference_once_cold_and_invalid_ones_included() {
        tally.counted(FaultRecords.window(0, 1, 1, null));
        tally.counted(FaultRecords.window(5_000, 1, 0, null));

        assertTrue(tally.differences().isEmpty(), tally.differences()::toString);
    }

    @Test
    void does_not_count_a_redelivered_record() {
        tally.sent(FaultRecords.telemetry("device", 2));

        assertEquals(3, tally.sent());
        assertEquals(1, tally.redelivered());
    }

    @Test
    void tells_what_was_not_counted() {
        tally.counted(FaultRecords.window(0, 2, 0, null));

        assertEquals(1, tally.differences().size());
        assertTrue(tally.differences().get(0).contains("3 inferences, 2 counted"), tally.differences()::toString);
    }

    @Test
    void tells_a_window_that_was_published_twice() {
        tally.counted(FaultRecords.window(0, 3, 0, null));
        tally.counted(FaultRecords.window(0, 3, 0, null));

        assertEquals(2, tally.differences().size(), tally.differences()::toString);
    }

    @Test
    void leaves_single_branches_out() {
        tally.counted(FaultRecords.window(0, 3, 0, null));
        tally.counted(FaultRecords.window(0, 3, 0, "L0.B0"));

        assertTrue(tally.differences().isEmpty(), tally.differences()::toString);
    }
}
