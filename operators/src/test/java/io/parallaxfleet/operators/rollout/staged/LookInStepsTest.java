package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LookInStepsTest {
    private static final ClassKey CLASS = new ClassKey("board", false);
    private static final int DEVICES = 1000;
    private static final long NANOS_A_DEVICE = 100;

    private final List<String> visited = new ArrayList<>();
    private long nowNanos;

    @Test
    void aStepEndsSoonAfterItsTimeIsUsedUp() {
        LookInSteps look = look(Map.of());

        assertFalse(look.step(10 * NANOS_A_DEVICE));
        assertTrue(visited.size() >= 10 && visited.size() <= 30, visited.size() + " devices");
    }

    @Test
    void allDevicesAreVisitedOnceInSteps() {
        LookInSteps look = look(Map.of());
        int steps = 0;
        while (!look.step(50 * NANOS_A_DEVICE)) {
            steps++;
            nowNanos += 1_000_000;
        }

        assertEquals(keys(), visited);
        assertTrue(steps >= 10, steps + " steps");
        assertEquals(DEVICES, tallies(look).get(CLASS));
        assertTrue(look.longestStepNanos() < 100 * NANOS_A_DEVICE, "rests are not part of a step");
        assertTrue(look.elapsedNanos() >= steps * 1_000_000L);
    }

    @Test
    void aClassWithoutDevicesIsToldToo() {
        ClassKey other = new ClassKey("other", true);
        LookInSteps look = look(Map.of(other, ClassEpochs.NONE));
        look.step(Long.MAX_VALUE);

        assertEquals(Map.of(CLASS, DEVICES, other, 0), tallies(look));
    }

    @Test
    void aClassThatIsLeftOutIsNotTold() {
        LookInSteps look = look(Map.of());
        look.step(10 * NANOS_A_DEVICE);
        look.leaveOut(CLASS);

        assertTrue(look.leavesOut(CLASS));
        assertEquals(Map.of(), tallies(look));
    }

    @Nested
    class KeysOnTheHeap {
        private static final int GROUPS = 64;
        private static final int DEVICES_A_GROUP = 1000;

        private final List<List<String>> groups = IntStream.range(0, GROUPS)
                .mapToObj(group -> IntStream.range(0, DEVICES_A_GROUP).mapToObj(n -> group + "-" + n).collect(Collectors.toList()))
                .toList();
        private int noted;

        @Test
        void aStepNotesTheKeysOfOneGroupMoreThanItVisitsAtMost() {
            LookInSteps look = look();
            int visitedBefore = 0;
            boolean ended = false;
            while (!ended) {
                int notedBefore = noted;
                ended = look.step(50 * NANOS_A_DEVICE);
                int work = noted - notedBefore + visited.size() - visitedBefore;
                assertTrue(work <= DEVICES_A_GROUP + 2 * (50 + 16), work + " keys and devices in one step");
                visitedBefore = visited.size();
            }
            assertEquals(GROUPS * DEVICES_A_GROUP, visited.size());
        }

        @Test
        void devicesThatComeAndGoBetweenStepsDoNotDisturbIt() {
            LookInSteps look = look();
            int steps = 0;
            while (!look.step(500 * NANOS_A_DEVICE)) {
                groups.get(steps % GROUPS).add("new-" + steps);
                groups.get((steps + 1) % GROUPS).remove(0);
                steps++;
            }

            assertTrue(visited.size() >= GROUPS * DEVICES_A_GROUP - steps, visited.size() + " devices");
            assertEquals(visited.size(), Set.copyOf(visited).size());
        }

        // As the state backend on the heap makes its stream of keys: over one map a key group, none of which may change under an iterator.
        private LookInSteps look() {
            Stream<String> keys = groups.stream().flatMap(group -> group.stream().peek(key -> noted++));
            return new LookInSteps(42, Map.of(), keys::iterator, (key, look) -> {
                visited.add(key);
                nowNanos += NANOS_A_DEVICE;
            }, () -> nowNanos);
        }
    }

    private LookInSteps look(Map<ClassKey, ClassEpochs> epochs) {
        return new LookInSteps(42, epochs, keys(), (key, look) -> {
            visited.add(key);
            nowNanos += NANOS_A_DEVICE;
            new DeviceLedger().look(look.epochs(CLASS), key, look.tally(CLASS));
        }, () -> nowNanos);
    }

    private static List<String> keys() {
        return IntStream.range(0, DEVICES).mapToObj(device -> "device-" + device).toList();
    }

    private static Map<ClassKey, Integer> tallies(LookInSteps look) {
        Map<ClassKey, Integer> devices = new HashMap<>();
        look.forEachTally((key, tally) -> devices.put(key, tally.devices()));
        return devices;
    }
}
