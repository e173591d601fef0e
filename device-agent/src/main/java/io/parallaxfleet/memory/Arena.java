package io.parallaxfleet.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Planned contents of one arena: a bump pointer at its end and, for a given moment, a free list of the gaps between what is
 * still occupied then. What counts as occupied is the caller's to say, so one arena serves sequential and partial orders. Not
 * thread-safe.
 *
 * @param <T> what is stored
 */
final class Arena<T> {
    /** In order of offset. */
    private final List<Piece<T>> pieces = new ArrayList<>();

    private long bytes;

    private record Piece<T>(T owner, long offset, long end) {}

    /**
     * A place for something.
     *
     * @param slackBytes what stays free of the gap; ties between gaps go to the lower offset
     * @param growthBytes by how much the arena has to grow; 0 for a gap
     */
    record Fit(long offset, long slackBytes, long growthBytes) {
        boolean isTighterThan(Fit other) {
            return growthBytes != other.growthBytes ? growthBytes < other.growthBytes : slackBytes < other.slackBytes;
        }
    }

    /** The smallest gap that is large enough; where none is, the end of what is occupied. O(pieces). */
    Fit bestFit(long size, Predicate<T> occupied) {
        long wanted = align(size);
        long free = 0;
        Fit best = null;
        for (Piece<T> piece : pieces) {
            if (piece.end() > free && occupied.test(piece.owner())) {
                best = tighter(best, free, piece.offset(), wanted);
                free = piece.end();
            }
        }
        best = tighter(best, free, bytes, wanted);
        return best != null ? best : new Fit(free, 0, free + wanted - bytes);
    }

    private static Fit tighter(Fit best, long from, long to, long wanted) {
        long slack = to - from - wanted;
        return slack >= 0 && (best == null || slack < best.slackBytes()) ? new Fit(from, slack, 0) : best;
    }

    /** Stores something at an offset; it may lie over what is no longer occupied. */
    void place(T owner, long offset, long size) {
        long end = offset + align(size);
        bytes = Math.max(bytes, end);
        if (end == offset) {
            return;
        }
        int position = pieces.size();
        while (position > 0 && pieces.get(position - 1).offset() > offset) {
            position--;
        }
        pieces.add(position, new Piece<>(owner, offset, end));
    }

    /** High-water mark. */
    long bytes() {
        return bytes;
    }

    /** Size rounded up to {@link MemoryPlan#ALIGNMENT_BYTES}. */
    static long align(long size) {
        return Math.addExact(size, MemoryPlan.ALIGNMENT_BYTES - 1) / MemoryPlan.ALIGNMENT_BYTES * MemoryPlan.ALIGNMENT_BYTES;
    }
}
