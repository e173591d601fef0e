package io.parallaxfleet.quickstart.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Who is killed when. Equal seeds give equal schedules; what a process does at the moment of its death is its own affair.
 *
 * @param kills in order
 */
record FaultSchedule(List<Kill> kills) {
    private static final int MIN_PAUSE_MILLIS = 3_000;
    private static final int MAX_PAUSE_MILLIS = 9_000;
    private static final int MIN_DOWN_MILLIS = 500;
    private static final int MAX_DOWN_MILLIS = 6_000;
    /** From before a command is read to after the last device has applied what it asked for. */
    private static final int MAX_INTO_MILLIS = 3_000;

    /**
     * One kill.
     *
     * @param after how long the whole has run undisturbed before new thresholds set out
     * @param into how long after that
     * @param index which of several equal processes; taken modulo their number
     * @param down until it is started again
     */
    record Kill(Duration after, Duration into, Victim victim, int index, Duration down) {}

    FaultSchedule {
        kills = List.copyOf(kills);
    }

    /** Every victim once a round, in an order of the round's own. */
    static FaultSchedule seeded(long seed, int rounds) {
        Random random = new Random(seed);
        List<Kill> kills = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<Victim> victims = new ArrayList<>(List.of(Victim.values()));
            Collections.shuffle(victims, random);
            for (Victim victim : victims) {
                kills.add(new Kill(between(random, MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS), between(random, 0, MAX_INTO_MILLIS), victim,
                        random.nextInt(1_000), between(random, MIN_DOWN_MILLIS, MAX_DOWN_MILLIS)));
            }
        }
        return new FaultSchedule(kills);
    }

    private static Duration between(Random random, int lowMillis, int highMillis) {
        return Duration.ofMillis(lowMillis + random.nextInt(highMillis - lowMillis));
    }
}
