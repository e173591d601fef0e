package io.parallaxfleet.streambench.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import org.junit.jupiter.api.Test;

class BenchFleetTest {
    private static final long START = 1_760_000_000_000L;

    private final BenchFleet fleet = new BenchFleet(START);

    @Test
    void theSameNumberIsTheSameRecordInEveryProcess() {
        for (long n = 0; n < 200; n++) {
            assertEquals(fleet.record(n), new BenchFleet(START).record(n));
        }
    }

    @Test
    void recordsHaveFortyToSixtyBranchesAndSayThatTheyAreSimulated() {
        for (long n = 0; n < 2000; n++) {
            InferenceTelemetry record = fleet.record(n);
            int branches = record.getBranchLatencyNanos().size();
            assertTrue(branches >= BenchFleet.MIN_BRANCHES && branches <= BenchFleet.MAX_BRANCHES, branches + " branches");
            assertTrue(record.getSimulated() && record.getDeviceClass().startsWith("sim-"));
        }
    }

    @Test
    void aDeviceCountsItsRecordsWithoutGap() {
        assertEquals(0, fleet.record(7).getSequence());
        assertEquals(1, fleet.record(7 + BenchFleet.DEVICES).getSequence());
        assertEquals(fleet.record(7).getDeviceId(), fleet.record(7 + BenchFleet.DEVICES).getDeviceId());
    }
}
