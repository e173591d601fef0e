package io.parallaxfleet.operators.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Walks over the Avro bytes of one record, from the start of one field to the next, without an object a field. It never refuses: what
 * cannot be, or breaks a rule, makes it doubtful. Reads past the end throw {@link IndexOutOfBoundsException}, since the array's own
 * bounds are where the record ends. Used for record after record; not thread-safe.
 */
final class RecordCursor {
    private static final VarHandle DOUBLES = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LAST_OF_NUMBER = 0x8080808080808080L;

    private byte[] bytes = {};
    private int position;
    private boolean doubtful;
    // A name that only the slow way can judge; a record that passed there may have it.
    private boolean oddName;
    // Names and codes are not looked at again.
    private boolean checked;

    /** @param checkedBefore whether the record was found to break no rule, and so only its numbers are wanted */
    void start(byte[] record, int at, boolean checkedBefore) {
        bytes = record;
        position = at;
        checked = checkedBefore;
        doubtful = false;
        oddName = false;
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    boolean atEnd() {
        return position == bytes.length;
    }

    void doubt(boolean that) {
        doubtful |= that;
    }

    boolean doubtful() {
        return doubtful;
    }

    /** Whether a name was long, began with a space or was not plain ASCII. */
    boolean oddName() {
        return oddName;
    }

    /** A zigzag number of up to ten bytes. */
    long number() {
        byte part = bytes[position++];
        long zigzag = part & 0x7fL;
        for (int shift = 7; part < 0; shift += 7) {
            if (shift >= Long.SIZE) {
                doubtful = true;
                return 0;
            }
            part = bytes[position++];
            zigzag |= (part & 0x7fL) << shift;
        }
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    /**
     * Several numbers that follow each other. Lengths vary from one to the next, so that a loop over bytes would often be guessed wrong:
     * eight bytes are taken at once and those of the number picked out of them.
     *
     * @return all of them, or-ed: negative if any is, and as large as a power of two if any is
     */
    long numbers(int count, long[] into) {
        byte[] from = bytes;
        int at = position;
        int lastWord = from.length - Long.BYTES;
        long all = 0;
        for (int i = 0; i < count; i++) {
            long value;
            long word = at <= lastWord ? (long) LONGS.get(from, at) : -1;
            long ends = ~word & LAST_OF_NUMBER;
            if (ends == 0) {
                position = at;
                value = number();
                at = position;
            } else {
                // The bits up to the first byte that is a number's last.
                long zigzag = packed(word & (ends ^ ends - 1));
                at += (Long.numberOfTrailingZeros(ends) >>> 3) + 1;
                value = zigzag >>> 1 ^ -(zigzag & 1);
            }
            into[i] = value;
            all |= value;
        }
        position = at;
        return all;
    }

    /** The seven lower bits of each byte, side by side. */
    private static long packed(long word) {
        long sevens = word & ~LAST_OF_NUMBER;
        long fourteens = sevens & 0x007f007f007f007fL | (sevens & 0x7f007f007f007f00L) >>> 1;
        long halves = fourteens & 0x00003fff00003fffL | (fourteens & 0x3fff00003fff0000L) >>> 2;
        return halves & 0x000000000fffffffL | (halves & 0x0fffffff00000000L) >>> 4;
    }

    int integer() {
        long value = number();
        doubtful |= value != (int) value;
        return (int) value;
    }

    /** A number that must not be negative. */
    long amount() {
        long value = number();
        doubtful |= value < 0;
        return value;
    }

    /** The length of what follows, which is not more than is left. */
    int length() {
        long length = number();
        if (length < 0 || length > bytes.length - position) {
            doubtful = true;
            return 0;
        }
        return (int) length;
    }

    /** Goes past bytes of any length, and says where they begin. */
    int skip() {
        int length = length();
        int start = position;
        position += length;
        return start;
    }

    /** Goes past a name, and says where it begins. */
    int name() {
        int start = skip();
        if (checked) {
            return start;
        }
        if (position == start || position - start > ControlRules.MAX_NAME_CHARACTERS) {
            oddName = true;
            return start;
        }
        int all = 0;
        for (int i = start; i < position; i++) {
            all |= bytes[i];
        }
        oddName |= all < 0 || bytes[start] <= ' ';
        return start;
    }

    /** Goes past a column of so many codes in a range, and says where it begins. */
    int codes(int count, int low, int high) {
        int start = skip();
        doubtful |= position - start != count;
        if (checked) {
            return start;
        }
        boolean known = true;
        for (int i = start; i < position; i++) {
            known &= bytes[i] >= low && bytes[i] <= high;
        }
        doubtful |= !known;
        return start;
    }

    boolean bool() {
        byte value = bytes[position++];
        doubtful |= value != 0 && value != 1;
        return value == 1;
    }

    /** Whether a field that may be null is not. */
    boolean present() {
        long index = number();
        doubtful |= index != 0 && index != 1;
        return index == 1;
    }

    /** An enum's index; 0 where it is none. */
    int code(int count) {
        long code = number();
        if (code < 0 || code >= count) {
            doubtful = true;
            return 0;
        }
        return (int) code;
    }

    double real() {
        double value = (double) DOUBLES.get(bytes, position);
        position += Double.BYTES;
        return value;
    }
}
