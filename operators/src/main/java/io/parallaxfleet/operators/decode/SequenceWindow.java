package io.parallaxfleet.operators.decode;

import java.util.Arrays;

/**
 * Remembers which sequence numbers of one agent session have been seen: exact for the {@value #SPAN} newest, and older ones
 * count as seen. Kafka keeps a device's records in order, so only a spool that is sent again reaches back. It also counts
 * the numbers that are missing since the first it saw. Memory is 152 bytes whatever the session's length. Not thread-safe.
 */
public final class SequenceWindow {
    /** Sequence numbers behind the highest that are told apart. */
    public static final int SPAN = 1024;

    /** A longer jump is no loss of records but another way of counting, and is counted as this long. */
    static final long MAX_GAP = 1 << 20;

    /** What a sequence number is to this window. */
    public enum Admission {
        NEW,
        DUPLICATE,
        /** So far behind the newest that it cannot be told from a duplicate. */
        TOO_OLD
    }

    // Bit (sequence % SPAN) is set iff that sequence was seen, for sequences in (highest - SPAN, highest].
    private final long[] seen;
    private long highest;
    // What came before the first cannot be missed: the job may be younger than the session. -1 before the first.
    private long first;
    private long missing;

    public SequenceWindow() {
        this(-1, new long[SPAN / Long.SIZE], -1, 0);
    }

    SequenceWindow(long highest, long[] seen, long first, long missing) {
        this.highest = highest;
        this.seen = seen;
        this.first = first;
        this.missing = missing;
    }

    long highest() {
        return highest;
    }

    long first() {
        return first;
    }

    /** Numbers between the first and the highest seen that have not come, and may come yet. */
    public long missing() {
        return missing;
    }

    long[] words() {
        return seen.clone();
    }

    /** Another that goes its own way from here on. */
    public SequenceWindow copy() {
        return new SequenceWindow(highest, seen.clone(), first, missing);
    }

    /**
     * A window that remembers the same as another.
     *
     * @param exceptions what {@link #exceptions} of it says
     */
    static SequenceWindow of(long highest, long first, long missing, int[] exceptions) {
        long[] words = withoutLoss(highest, first);
        for (int below : exceptions) {
            int bit = (int) ((highest - below) % SPAN);
            words[bit / Long.SIZE] ^= 1L << (bit % Long.SIZE);
        }
        return new SequenceWindow(highest, words, first, missing);
    }

    /** By how much those numbers are below the highest that were not seen though they follow the first, or seen before it. */
    int[] exceptions() {
        long[] differences = withoutLoss(highest, first);
        int count = 0;
        for (int word = 0; word < seen.length; word++) {
            differences[word] ^= seen[word];
            count += Long.bitCount(differences[word]);
        }
        int[] below = new int[count];
        for (int word = 0, next = 0; next < count; word++) {
            for (long left = differences[word]; left != 0; left &= left - 1) {
                int bit = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                below[next++] = Math.floorMod((int) (highest % SPAN) - bit, SPAN);
            }
        }
        return below;
    }

    // The words of a session in which every number from the first came.
    private static long[] withoutLoss(long highest, long first) {
        long[] words = new long[SPAN / Long.SIZE];
        int count = highest < 0 ? 0 : (int) Math.min(SPAN, highest - first + 1);
        int start = highest < 0 ? 0 : (int) ((highest - count + 1) % SPAN);
        for (int done = 0; done < count; ) {
            int bit = (start + done) % SPAN;
            int bits = Math.min(Long.SIZE - bit % Long.SIZE, count - done);
            words[bit / Long.SIZE] |= -1L >>> (Long.SIZE - bits) << (bit % Long.SIZE);
            done += bits;
        }
        return words;
    }

    /** Marks the number as seen and says whether it was new. */
    public Admission admit(long sequence) {
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence is " + sequence + "; it must not be negative");
        }
        if (sequence > highest) {
            if (first < 0) {
                first = sequence;
            } else {
                missing += Math.min(sequence - highest - 1, MAX_GAP);
            }
            forget(highest + 1, sequence);
            highest = sequence;
        } else if (sequence <= highest - SPAN) {
            return Admission.TOO_OLD;
        }
        int bit = (int) (sequence % SPAN);
        long mask = 1L << (bit % Long.SIZE);
        if ((seen[bit / Long.SIZE] & mask) != 0) {
            return Admission.DUPLICATE;
        }
        seen[bit / Long.SIZE] |= mask;
        if (sequence > first && sequence < highest) {
            missing = Math.max(0, missing - 1);
        }
        return Admission.NEW;
    }

    // The bits that the numbers first..last will use belonged to numbers SPAN lower.
    private void forget(long first, long last) {
        if (last - first >= SPAN) {
            Arrays.fill(seen, 0);
            return;
        }
        for (long sequence = first; sequence <= last; sequence++) {
            int bit = (int) (sequence % SPAN);
            seen[bit / Long.SIZE] &= ~(1L << (bit % Long.SIZE));
        }
    }
}
