package io.parallaxfleet.operators.decode;

import java.util.Arrays;

/** The columns of one record, an entry a branch. The arrays are used again for the next record. Not thread-safe. */
final class BranchColumns {
    private static final int MAX_CODE = 4;

    private long[] inBodies = {};
    private byte[] bytes = {};
    private int branches;
    private long[] latencies = new long[64];
    private long[] peaks = new long[64];
    private long[] energies = new long[64];
    private boolean energyKnown;
    private int planned;
    private int actual;
    private int fallback;
    private boolean anyFallbackReason;

    void read(RecordCursor cursor) {
        bytes = cursor.bytes();
        branches = cursor.length();
        if (latencies.length < branches) {
            latencies = new long[branches];
            peaks = new long[branches];
            energies = new long[branches];
        }
        amounts(cursor, latencies);
        planned = cursor.codes(branches, 1, 2);
        actual = cursor.codes(branches, 1, 2);
        fallback = cursor.codes(branches, 0, MAX_CODE);
        anyFallbackReason = !cursor.doubtful() && contains(fallback, 1, MAX_CODE);
        cursor.doubt(cursor.length() != branches);
        if (cursor.doubtful()) {
            return;
        }
        amounts(cursor, peaks);
        energyKnown = cursor.present();
        if (energyKnown) {
            cursor.doubt(cursor.length() != branches);
            if (cursor.doubtful()) {
                return;
            }
            amounts(cursor, energies);
        }
        cursor.codes(branches, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }

    /** The branches of sub-graphs, which are for people and not for windows. */
    void passBodies(RecordCursor cursor) {
        int bodies = cursor.length();
        if (inBodies.length < bodies) {
            inBodies = new long[bodies];
        }
        amounts(cursor, bodies, inBodies);
        cursor.doubt(cursor.length() != bodies);
        if (!cursor.doubtful()) {
            amounts(cursor, bodies, inBodies);
        }
    }

    private void amounts(RecordCursor cursor, long[] into) {
        amounts(cursor, branches, into);
    }

    private static void amounts(RecordCursor cursor, int branches, long[] into) {
        long all = cursor.numbers(branches, into);
        cursor.doubt(all < 0 || all >= TelemetryRules.ABSURD);
        // One block, as Avro's writers make it.
        cursor.doubt(branches > 0 && cursor.number() != 0);
    }

    private boolean contains(int column, int low, int high) {
        boolean found = false;
        for (int i = column; i < column + branches; i++) {
            found |= bytes[i] >= low && bytes[i] <= high;
        }
        return found;
    }

    int branches() {
        return branches;
    }

    long[] latencies() {
        return latencies;
    }

    long[] peaks() {
        return peaks;
    }

    /** Null where energy was not attributed to branches. */
    long[] energies() {
        return energyKnown ? energies : null;
    }

    byte planned(int branch) {
        return bytes[planned + branch];
    }

    byte actual(int branch) {
        return bytes[actual + branch];
    }

    byte fallback(int branch) {
        return bytes[fallback + branch];
    }

    boolean anyFallbackReason() {
        return anyFallbackReason;
    }

    boolean plannedAnywhere(byte placement) {
        return contains(planned, placement, placement);
    }

    boolean ranAnywhere(byte placement) {
        return contains(actual, placement, placement);
    }

    boolean asPlanned() {
        return Arrays.equals(bytes, planned, planned + branches, bytes, actual, actual + branches);
    }

    boolean plannedAs(byte[] placements) {
        return Arrays.equals(bytes, planned, planned + branches, placements, 0, placements.length);
    }
}
