package io.parallaxfleet.operators.aggregate;

import java.io.DataInput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How many distinct devices there were, from 64 well-mixed bits of each id: exact up to {@value #EXACT}, beyond that a HyperLogLog
 * estimate over {@value #REGISTERS} registers, whose standard error is {@code 1.04 / sqrt(registers)}, 4.6 %. At most
 * {@value #REGISTERS} bytes whatever the fleet. Merging two counts gives what counting into one would have given. Not thread-safe.
 * Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", AofA 2007.
 */
public final class DeviceCount {
    static final int EXACT = 64;
    static final int REGISTERS = 512;
    private static final int INDEX_BITS = 9;
    // The paper's bias correction for 128 registers and more.
    private static final double ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

    // The first 'size' are the ids seen; of no use once there are registers.
    private long[] ids = new long[4];
    private int size;
    private byte[] registers;

    /** @param hash well-mixed bits of the id, the same wherever the device is counted */
    public void add(long hash) {
        if (registers != null) {
            register(hash);
            return;
        }
        for (int i = 0; i < size; i++) {
            if (ids[i] == hash) {
                return;
            }
        }
        if (size == EXACT) {
            estimateFromNowOn();
            register(hash);
            return;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = hash;
    }

    private void estimateFromNowOn() {
        registers = new byte[REGISTERS];
        for (int i = 0; i < size; i++) {
            register(ids[i]);
        }
        ids = new long[0];
        size = 0;
    }

    private void register(long hash) {
        int index = (int) (hash >>> Long.SIZE - INDEX_BITS);
        // The marker bit ends the count where all others are zero.
        byte rank = (byte) (Long.numberOfLeadingZeros(hash << INDEX_BITS | 1L << INDEX_BITS - 1) + 1);
        if (rank > registers[index]) {
            registers[index] = rank;
        }
    }

    void merge(DeviceCount other) {
        if (other.registers == null) {
            for (int i = 0; i < other.size; i++) {
                add(other.ids[i]);
            }
            return;
        }
        if (registers == null) {
            estimateFromNowOn();
        }
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = (byte) Math.max(registers[i], other.registers[i]);
        }
    }

    /** Rounded to a whole device. */
    public int estimate() {
        if (registers == null) {
            return size;
        }
        double harmonic = 0;
        int empty = 0;
        for (byte rank : registers) {
            harmonic += 1.0 / (1L << rank);
            empty += rank == 0 ? 1 : 0;
        }
        double raw = ALPHA * REGISTERS * REGISTERS / harmonic;
        // Few devices leave registers empty, and their number says more.
        boolean few = raw <= 2.5 * REGISTERS && empty > 0;
        return (int) Math.round(few ? REGISTERS * Math.log((double) REGISTERS / empty) : raw);
    }

    void write(PackedBytes out) {
        out.putByte(registers == null ? size : EXACT + 1);
        if (registers == null) {
            for (int i = 0; i < size; i++) {
                out.putLong(ids[i]);
            }
        } else {
            out.put(registers);
        }
    }

    static DeviceCount read(DataInput in) throws IOException {
        DeviceCount count = new DeviceCount();
        int size = in.readUnsignedByte();
        if (size > EXACT) {
            count.estimateFromNowOn();
            in.readFully(count.registers);
        } else {
            for (int i = 0; i < size; i++) {
                count.add(in.readLong());
            }
        }
        return count;
    }
}
