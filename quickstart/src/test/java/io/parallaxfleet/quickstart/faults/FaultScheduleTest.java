package io.parallaxfleet.quickstart.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.EnumSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
    @Test
    void every_round_kills_every_kind_of_process_once() {
        FaultSchedule schedule = FaultSchedule.seeded(7, 3);

        assertEquals(3 * Victim.values().length, schedule.kills().size());
        for (int round = 0; round < 3; round++) {
            assertEquals(EnumSet.allOf(Victim.class), schedule.kills().stream()
                    .skip((long) round * Victim.values().length).limit(Victim.values().length)
                    .map(FaultSchedule.Kill::victim)
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Victim.class))));
        }
    }

    @Test
    void equal_seeds_give_equal_schedules_and_others_others() {
        assertEquals(FaultSchedule.seeded(7, 2), FaultSchedule.seeded(7, 2));
        assertNotEquals(FaultSchedule.seeded(7, 2), FaultSchedule.seeded(8, 2));
    }
}
