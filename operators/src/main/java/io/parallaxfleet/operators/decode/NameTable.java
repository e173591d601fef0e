package io.parallaxfleet.operators.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Gives the same string for the same bytes, so that the few names that every record repeats are made and hashed once. Starts anew
 * after {@value #MAX_NAMES} names, which is how many anybody can make it keep. Not thread-safe.
 */
final class NameTable {
    static final int MAX_NAMES = 4096;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    // Open addressing at a load of at most one half.
    private static final int SLOTS = 2 * MAX_NAMES;

    private byte[][] keys = new byte[SLOTS][];
    private String[] names = new String[SLOTS];
    private int size;

    String name(byte[] bytes, int start, int end) {
        int slot = (int) hash(bytes, start, end) & SLOTS - 1;
        while (keys[slot] != null) {
            if (Arrays.equals(keys[slot], 0, keys[slot].length, bytes, start, end)) {
                return names[slot];
            }
            slot = slot + 1 & SLOTS - 1;
        }
        String name = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        if (size == MAX_NAMES) {
            keys = new byte[SLOTS][];
            names = new String[SLOTS];
            size = 0;
            slot = (int) hash(bytes, start, end) & SLOTS - 1;
        }
        keys[slot] = Arrays.copyOfRange(bytes, start, end);
        names[slot] = name;
        size++;
        return name;
    }

    /** 64 well-mixed bits of the bytes, the same on every machine: multiply and fold, then MurmurHash3's finaliser. */
    static long hash(byte[] bytes, int start, int end) {
        long hash = end - start;
        int at = start;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = fold(hash ^ (long) LONGS.get(bytes, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << Byte.SIZE | bytes[at] & 0xffL;
        }
        hash = fold(hash ^ rest);
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    private static long fold(long word) {
        long product = word * 0x9E3779B97F4A7C15L;
        return product ^ product >>> 32;
    }
}
