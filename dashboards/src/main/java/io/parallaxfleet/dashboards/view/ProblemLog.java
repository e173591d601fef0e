package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.Problem;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Problems;
import io.parallaxfleet.schemas.avro.DeadLetter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Records that could not be used: all are counted, the newest are kept with their places and reasons. Not thread-safe. */
final class ProblemLog {
    private final int most;
    private final Deque<Problem> recentDeadLetters = new ArrayDeque<>();
    private final Deque<Problem> recentUnreadable = new ArrayDeque<>();
    private long deadLetters;
    private long unreadable;
    private long untracked;

    /** @param most how many of either kind are kept */
    ProblemLog(int most) {
        this.most = most;
    }

    /** The job refused a record. */
    void deadLetter(DeadLetter letter) {
        deadLetters++;
        remember(recentDeadLetters, new Problem(RecordCheck.bounded(letter.getTopic()), letter.getPartition(), letter.getOffset(),
                letter.getTimestamp().toEpochMilli(), RecordCheck.bounded(letter.getReason())));
    }

    /** This dashboard could not use a record. */
    void unreadable(RecordPosition at, String reason) {
        unreadable++;
        remember(recentUnreadable, new Problem(at.topic(), at.partition(), at.offset(), at.writtenAt().toEpochMilli(),
                RecordCheck.bounded(reason)));
    }

    /** A fact was beyond what the view keeps. */
    void untracked() {
        untracked++;
    }

    Problems state() {
        return new Problems(deadLetters, List.copyOf(recentDeadLetters), unreadable, List.copyOf(recentUnreadable), untracked);
    }

    private void remember(Deque<Problem> recent, Problem problem) {
        recent.addFirst(problem);
        if (recent.size() > most) {
            recent.removeLast();
        }
    }
}
