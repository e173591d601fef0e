package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import io.parallaxfleet.opencl.TileKernel.Combine;
import io.parallaxfleet.opencl.TileKernel.Role;
import java.util.List;
import java.util.Optional;

/**
 * One launch of a {@link TileKernel}: what is multiplied, and how the positions lie. Strides and offsets in floats.
 *
 * @param a left operand; empty where elements are only joined
 * @param right B with the strides from one z, one column tile and one k to the next
 * @param taps offsets of the taps; one zero where there is nothing but the element itself
 * @param batches number of z
 * @param cycle number of z after which A and the rows' operands start over
 * @param depth number of k
 * @param positions how positions lie
 */
record Tiles(
        Optional<Left> a, View b, Right right, int[] taps, int batches, int cycle, int rows, int depth, Positions positions, View c) {
    /**
     * The left operand.
     *
     * @param packedRows rows per packed block; 0 for a strided matrix
     * @param stepPerBatch from one z to the next
     * @param row from one row to the next, strided only
     * @param step from one k to the next, strided only
     */
    record Left(View view, int packedRows, int stepPerBatch, int row, int step) {}

    /** @param tile from one column tile to the next; 0 for the tile's own width: neighbours */
    record Right(int batch, int tile, int step) {}

    /** {@code height} lines of {@code width} positions, {@code pitch} apart in B, dense in C. */
    record Positions(int height, int width, int pitch) {
        static Positions line(int width) {
            return new Positions(1, width, width);
        }

        int count() {
            return height * width;
        }

        int tiles(boolean flat, int tile) {
            return flat ? Shapes.divideUp((height - 1) * pitch + width, tile) : height * Shapes.divideUp(width, tile);
        }
    }

    /** How a tile is shaped. */
    record Shape(int rows, int vectors, boolean flat) {
        /** The cheapest shape by what it computes in vain and what it stores lane by lane. */
        static Shape choose(DeviceTraits traits, int rows, long depth, Positions positions, boolean mayBeFlat) {
            int registerRows = Math.min(traits.tileRows(), Integer.highestOneBit(2 * rows - 1));
            Shape best = null;
            double bestCost = Double.POSITIVE_INFINITY;
            for (int vectors : registerRows == 1 ? new int[] {1, 2, 4} : new int[] {1, 2}) {
                for (boolean flat : mayBeFlat && positions.height() > 1 ? new boolean[] {false, true} : new boolean[] {false}) {
                    int tile = vectors * traits.vectorWidth();
                    double computed = (double) positions.tiles(flat, tile) * tile;
                    // One vector feeds too few accumulators; a flat tile stores in runs.
                    double perPosition = depth * (registerRows * vectors < 4 ? 1.6 : vectors == 1 ? 1.25 : 1.0) + (flat ? 30 : 6);
                    if (computed * perPosition < bestCost) {
                        bestCost = computed * perPosition;
                        best = new Shape(registerRows, vectors, flat);
                    }
                }
            }
            return best;
        }
    }

    void launch(String label, Shape shape, Combine combine, Pointwise post, List<Role> roles, RegionDraft draft) {
        DeviceTraits traits = draft.traits();
        boolean manyTaps = taps.length > 1 || taps[0] != 0;
        TileKernel kernel = new TileKernel(traits.vectorWidth(), shape.rows(), shape.vectors(),
                a.isPresent() && a.get().packedRows() > 0, manyTaps, shape.flat(), combine);
        Launch.Arguments arguments = new Launch.Arguments();
        a.ifPresent(left -> arguments.reads(left.view()));
        arguments.readsTiles(b).writes(c);
        if (manyTaps) {
            arguments.reads(draft.integerConstant(taps)).integers(taps.length);
        }
        for (Pointwise.Operand operand : post.operands()) {
            arguments.readsTiles(operand.view().apply(draft));
        }
        int blocks = Shapes.divideUp(rows, shape.rows());
        int tiles = positions.tiles(shape.flat(), kernel.positions());
        int blockStep = depth * taps.length * shape.rows();
        Left left = a.orElse(new Left(b, 0, 0, 0, 0));
        // The operand that is walked slowly should be the one that does not fit a cache.
        long leftFloats = (long) rows * depth * taps.length;
        boolean blocksFirst = traits.cpu() && (leftFloats <= 1 << 18 || leftFloats <= (long) depth * positions.count());
        arguments.integers(cycle, left.stepPerBatch(), blockStep, left.row(), left.step(), right.batch(),
                right.tile() == 0 ? kernel.positions() : right.tile(), right.step(), rows * positions.count(), positions.count(),
                rows, depth, blocks, tiles, positions.pitch(), positions.width(), positions.height(),
                Shapes.divideUp(positions.width(), kernel.positions()), blocksFirst ? 1 : 0);
        draft.launch(new Launch(label, kernel.source(post, roles),
                blocksFirst ? new long[] {blocks, tiles, batches} : new long[] {tiles, blocks, batches}, new long[] {16, 4, 1},
                arguments.list()));
    }
}
