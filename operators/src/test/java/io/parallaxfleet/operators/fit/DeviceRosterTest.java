package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.DeviceRoster.Admission;
import org.junit.jupiter.api.Test;

class DeviceRosterTest {
    private final DeviceRoster roster = new DeviceRoster(9);

    @Test
    void aDeviceIsHeardAfterItsProbation() {
        for (int i = 0; i < DeviceRoster.PROBATION; i++) {
            assertEquals(Admission.ON_PROBATION, roster.admit(1, false));
        }
        assertEquals(Admission.HEARD, roster.admit(1, false));
    }

    @Test
    void aMillionIdsThatComeOnceAreNeverHeardAndTakeNoMoreRoomThanAFew() {
        for (int id = 1; id <= 1_000_000; id++) {
            assertEquals(Admission.ON_PROBATION, roster.admit(id, false));
        }
        assertEquals(DeviceRoster.MAX_CANDIDATES, roster.candidates.size());
    }

    @Test
    void thoseWhoAreHeardStayHeardThroughAFlood() {
        introduce(1, 8, false);
        introduce(1000, 21_000, true);

        for (int id = 1; id < 8; id++) {
            assertEquals(Admission.HEARD, roster.admit(id, true));
        }
    }

    @Test
    void withAModelToProtectNewcomersDoNotOutnumberTheOthersBetweenTwoFits() {
        introduce(1, 101, false);
        roster.settle();
        introduce(1000, 2000, true);

        assertTrue(roster.members.size() <= 134, roster.members.size() + " are heard");
    }

    @Test
    void aLiarIsSilentAndGetsAnotherChanceLater() {
        introduce(1, 3, false);
        roster.quarantine(1);
        assertEquals(Admission.QUARANTINED, roster.admit(1, true));

        for (int fit = 0; fit <= DeviceRoster.MEMORY_FITS; fit++) {
            roster.settle();
        }
        assertEquals(Admission.ON_PROBATION, roster.admit(1, true));
    }

    @Test
    void whoIsSilentForManyFitsIsForgotten() {
        introduce(1, 3, false);
        for (int fit = 0; fit <= DeviceRoster.MEMORY_FITS; fit++) {
            roster.settle();
            roster.admit(2, true);
        }
        int[] silent = roster.retire();

        assertEquals(1, silent.length);
        assertEquals(1, silent[0]);
    }

    @Test
    void numbersDependOnTheSeedSoThatNobodyCanAimForAnothersNumber() {
        assertEquals(roster.number("device"), new DeviceRoster(9).number("device"));
        assertNotEquals(roster.number("device"), new DeviceRoster(10).number("device"));
        assertNotEquals(roster.number("Aa"), roster.number("BB"));
    }

    private void introduce(int from, int to, boolean guarded) {
        for (int id = from; id < to; id++) {
            for (int i = 0; i <= DeviceRoster.PROBATION; i++) {
                roster.admit(id, guarded);
            }
        }
    }
}
