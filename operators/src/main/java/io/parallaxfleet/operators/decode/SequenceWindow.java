package io.parallaxfleet.operators.decode;

import java.util.Arrays;

/**
 * Remembers which sequence numbers of one agent session have been seen: exact for the {@value #SPAN} newest, and older ones
 * count as seen. Kafka keeps a device's records in order, so only a spool that is sent again reaches back. Memory is 136
 * bytes whatever the session's length. Not thread-safe.
 */
public final class SequenceWindow {
    /** Sequence numbers behind the highest that are told apart. */
    public static final int SPAN = 1024;

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

    public SequenceWindow() {
        this(-1, new long[SPAN / Long.SIZE]);
    }

    SequenceWindow(long highest, long[] seen) {
        this.highest = highest;
        this.seen = seen;
    }

    long highest() {
        return highest;
    }

    long[] words() {
        return seen.clone();
    }

    /** Marks the number as seen and says whether it was new. */
    public Admission admit(long sequence) {
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence is " + sequence + "; it must not be negative");
        }
        if (sequence > highest) {
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
