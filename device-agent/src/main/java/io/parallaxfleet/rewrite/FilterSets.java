package io.parallaxfleet.rewrite;

import java.util.ArrayList;
import java.util.List;

/**
 * How a convolution's output channels are cut so that all threads get the same work. ONNX Runtime's kernels work on sets of four
 * channel blocks; what it divides among threads is (set, row) pairs, by number, in order. A last set of fewer blocks is less work for the
 * same number, so of five blocks one thread of two gets four. Two convolutions of three and two blocks divide evenly, rows being
 * all alike in each.
 */
final class FilterSets {
    private static final int BLOCKS_OF_A_SET = 4;
    /** The fewest threads that can get unlike shares. */
    private static final int THREADS = 2;
    /** One more operator, in the multiply-accumulates that two cores of AVX-512 do meanwhile: about 7 microseconds of 215 each nanosecond. */
    private static final long OPERATOR_MACS = 1_500_000;
    /** Copying an element to where it is joined, likewise: measured on 3.7 MB. */
    private static final long COPY_MACS = 15;

    private FilterSets() {}

    /**
     * Blocks of each convolution to make of one; a list of one where cutting would not pay.
     *
     * @param blocks channel blocks of the output
     * @param rows height of the output
     * @param macs of the whole convolution
     * @param elements of the output, to be joined again
     */
    static List<Integer> parts(int blocks, long rows, long macs, long elements) {
        if (blocks <= BLOCKS_OF_A_SET || blocks % BLOCKS_OF_A_SET == 0) {
            return List.of(blocks);
        }
        List<Integer> parts = even(blocks);
        long even = parts.stream().mapToLong(part -> slowest(part, rows)).sum();
        double saved = (double) (slowest(blocks, rows) - even) * THREADS / (blocks * rows) * macs;
        return saved > COPY_MACS * elements + OPERATOR_MACS * parts.size() ? parts : List.of(blocks);
    }

    private static List<Integer> even(int blocks) {
        List<Integer> parts = new ArrayList<>();
        int rest = blocks % BLOCKS_OF_A_SET;
        // A set of one block computes slowly; three and two do not.
        int whole = blocks - (rest == 1 ? rest + BLOCKS_OF_A_SET : rest);
        if (whole > 0) {
            parts.add(whole);
        }
        if (rest == 1) {
            parts.addAll(List.of(3, 2));
        } else {
            parts.add(rest);
        }
        return parts;
    }

    /** Blocks times rows of the thread that has most. */
    private static long slowest(int blocks, long rows) {
        long sets = (blocks + BLOCKS_OF_A_SET - 1) / BLOCKS_OF_A_SET;
        long pairs = sets * rows;
        long first = (pairs + THREADS - 1) / THREADS;
        long ofFirst = work(blocks, rows, first);
        return Math.max(ofFirst, blocks * rows - ofFirst);
    }

    /** Blocks times rows of the first pairs. */
    private static long work(int blocks, long rows, long pairs) {
        long whole = Math.min(pairs, (long) (blocks / BLOCKS_OF_A_SET) * rows);
        return whole * BLOCKS_OF_A_SET + (pairs - whole) * (blocks % BLOCKS_OF_A_SET);
    }
}
