package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Shapes.Loops;
import io.parallaxfleet.opencl.Storage.View;
import java.util.Map;

/**
 * Copies between two tensors that are walked with strides of their own: transposes, slices, concatenations, expansions and
 * repeated pixels are all this.
 *
 * @param extents loop extents, outermost first
 * @param fromStrides strides of the source, in floats; 0 repeats
 * @param toStrides strides of the target
 * @param fromOffset first element read, from the view's start
 * @param toOffset first element written
 */
record StridedCopy(View from, View to, int[] extents, int[] fromStrides, int[] toStrides, int fromOffset, int toOffset) {
    /** Loops that the kernel can have. */
    static final int MAX_LOOPS = 6;

    private static final int CHUNK = 4096;

    static StridedCopy contiguous(View from, View to) {
        return new StridedCopy(from, to, new int[] {from.elements()}, new int[] {1}, new int[] {1}, 0, 0);
    }

    void launch(String label, RegionDraft draft) {
        DeviceTraits traits = draft.traits();
        Loops loops = Loops.merged(extents, fromStrides, toStrides);
        int rank = loops.rank();
        if (rank > MAX_LOOPS) {
            throw new IllegalArgumentException(label + " needs " + rank + " loops, the kernel has " + MAX_LOOPS);
        }
        int inner = loops.extents()[rank - 1];
        int outer = Shapes.product(loops.extents(), 0, rank - 1);
        boolean unit = loops.strides()[0][rank - 1] == 1 && loops.strides()[1][rank - 1] == 1;
        int chunk = traits.cpu() ? CHUNK : unit ? traits.vectorWidth() : 1;
        int per = traits.cpu() ? Math.max(1, CHUNK / inner) : 1;
        Launch.Arguments arguments = new Launch.Arguments()
                .reads(at(from, fromOffset)).writes(at(to, toOffset)).integers(chunk, per, outer);
        for (int d = rank - 1; d >= 0; d--) {
            arguments.integers(loops.extents()[d], loops.strides()[0][d], loops.strides()[1][d]);
        }
        Map<String, String> macros = unit ? Map.of("RANK", "" + rank, "UNIT", "") : Map.of("RANK", "" + rank);
        draft.launch(new Launch(label, KernelSource.of("copy", macros),
                new long[] {Shapes.divideUp(inner, chunk), Shapes.divideUp(outer, per), 1}, new long[] {32, 2, 1},
                arguments.list()));
    }

    private static View at(View view, int offset) {
        return view.part(offset, view.elements() - offset);
    }

    /** Whether the loops fit the kernel. */
    static boolean fits(int[] extents, int[] fromStrides, int[] toStrides) {
        return Loops.merged(extents, fromStrides, toStrides).rank() <= MAX_LOOPS;
    }
}
