package io.parallaxfleet.opencl;

import java.util.Arrays;

/** Arithmetic on dimensions and strides. */
final class Shapes {
    private Shapes() {}

    static int product(int[] dimensions, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dimensions[i];
        }
        return Math.toIntExact(product);
    }

    static int elements(int... dimensions) {
        return product(dimensions, 0, dimensions.length);
    }

    /** Row-major strides. */
    static int[] strides(int... dimensions) {
        int[] strides = new int[dimensions.length];
        int stride = 1;
        for (int i = dimensions.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dimensions[i];
        }
        return strides;
    }

    /** Strides that read a row-major tensor of {@code from} as if it had the shape {@code to}: 0 where it is broadcast. */
    static int[] broadcastStrides(int[] from, int[] to) {
        int[] own = strides(from);
        int[] strides = new int[to.length];
        for (int i = 0; i < from.length; i++) {
            int at = to.length - from.length + i;
            strides[at] = from[i] == 1 ? 0 : own[i];
        }
        return strides;
    }

    static boolean broadcastable(int[] from, int[] to) {
        if (from.length > to.length) {
            return false;
        }
        for (int i = 0; i < from.length; i++) {
            if (from[i] != 1 && from[i] != to[to.length - from.length + i]) {
                return false;
            }
        }
        return true;
    }

    static int axis(long axis, int rank) {
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }

    static int divideUp(int value, int by) {
        return (value + by - 1) / by;
    }

    /** Loops over a tensor with adjacent dimensions merged wherever every operand walks them as one. */
    record Loops(int[] extents, int[][] strides) {
        /** @param strides per operand, as long as {@code dimensions} */
        static Loops merged(int[] dimensions, int[]... strides) {
            int rank = dimensions.length;
            int[] extents = new int[Math.max(rank, 1)];
            int[][] merged = new int[strides.length][Math.max(rank, 1)];
            int count = 0;
            for (int d = 0; d < rank; d++) {
                if (dimensions[d] == 1) {
                    continue;
                }
                boolean joins = count > 0;
                for (int o = 0; joins && o < strides.length; o++) {
                    joins = merged[o][count - 1] == (long) strides[o][d] * dimensions[d];
                }
                if (!joins) {
                    extents[count++] = 1;
                }
                extents[count - 1] *= dimensions[d];
                for (int o = 0; o < strides.length; o++) {
                    merged[o][count - 1] = strides[o][d];
                }
            }
            if (count == 0) {
                extents[0] = 1;
                for (int[] of : merged) {
                    of[0] = 1;
                }
                count = 1;
            }
            int size = count;
            return new Loops(Arrays.copyOf(extents, size),
                    Arrays.stream(merged).map(of -> Arrays.copyOf(of, size)).toArray(int[][]::new));
        }

        int rank() {
            return extents.length;
        }
    }
}
