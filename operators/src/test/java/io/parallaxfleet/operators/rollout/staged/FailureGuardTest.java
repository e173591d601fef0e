package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FailureGuardTest {
    @Test
    void membersThatFailAsOftenAsTheOthersRarelyAlarm() {
        SplittableRandom random = new SplittableRandom(7);
        int alarms = 0;
        for (int run = 0; run < 2000; run++) {
            FailureGuard guard = new FailureGuard(0.05);
            boolean alarmed = false;
            for (int look = 0; look < 100; look++) {
                guard.look(20, failing(random, 20, 0.02), 200, failing(random, 200, 0.02));
                alarmed |= guard.alarmed();
            }
            alarms += alarmed ? 1 : 0;
        }
        assertTrue(alarms <= 0.05 * 2000, alarms + " of 2000 alarmed");
    }

    @Test
    void membersThatFailTenTimesAsOftenAlarmSoon() {
        SplittableRandom random = new SplittableRandom(8);
        FailureGuard guard = new FailureGuard(0.002);
        int looks = 0;
        while (!guard.alarmed() && looks < 100) {
            guard.look(20, failing(random, 20, 0.1), 200, failing(random, 200, 0.01));
            looks++;
        }
        assertTrue(looks < 20, looks + " looks");
    }

    @Test
    void failuresOfAllDevicesAlikeAreNoAlarm() {
        FailureGuard guard = new FailureGuard(0.002);
        for (int look = 0; look < 50; look++) {
            guard.look(20, 10, 200, 100);
        }
        assertFalse(guard.alarmed());
    }

    @Test
    void withoutControlItSaysNothing() {
        FailureGuard guard = new FailureGuard(0.002);
        guard.look(20, 20, 0, 0);
        assertEquals(1, guard.evidence(), 1e-12);
    }

    @Test
    void moreFailuresThanDevicesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new FailureGuard(0.01).look(1, 2, 10, 0));
    }

    private static int failing(SplittableRandom random, int devices, double rate) {
        int failing = 0;
        for (int i = 0; i < devices; i++) {
            failing += random.nextDouble() < rate ? 1 : 0;
        }
        return failing;
    }
}
