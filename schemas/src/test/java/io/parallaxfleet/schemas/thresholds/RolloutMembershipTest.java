package io.parallaxfleet.schemas.thresholds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutMembershipTest {
    private static List<Integer> members(String rollout, int perMille) {
        return IntStream.range(0, 10_000).filter(i -> RolloutMembership.isMember("device-" + i, rollout, perMille)).boxed().toList();
    }

    @Test
    void theShareOfMembersIsTheShareAskedFor() {
        // 10 000 devices at 25 %: the standard deviation of the count is 43.
        assertEquals(2500, members("rollout-1", 250).size(), 200);
    }

    @Test
    void nobodyIsInAtNoneAndEverybodyAtAll() {
        assertEquals(0, members("rollout-1", 0).size());
        assertEquals(10_000, members("rollout-1", 1000).size());
    }

    @Test
    void whoIsInAtASmallShareStaysInAtALargerOne() {
        assertTrue(members("rollout-1", 250).containsAll(members("rollout-1", 10)));
    }

    @Test
    void anotherRolloutStartsWithOtherDevices() {
        assertNotEquals(members("rollout-1", 10), members("rollout-2", 10));
    }
}
