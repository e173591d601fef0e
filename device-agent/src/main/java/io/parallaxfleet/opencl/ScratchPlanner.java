package io.parallaxfleet.opencl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Gives the scratch storages of a region offsets in one buffer so that storages in use at the same launch never overlap.
 * Largest first, each at the lowest offset that is free during its life; O(n²) in the number of storages.
 */
final class ScratchPlanner {
    /** Offsets are multiples of this many floats: a cache line, and what devices ask of sub-buffers. */
    static final int ALIGNMENT_FLOATS = 32;

    private ScratchPlanner() {}

    /** Places the storages and returns the floats of the buffer. */
    static long plan(List<Storage> storages) {
        List<Storage> bySize = new ArrayList<>(storages);
        bySize.sort(Comparator.comparingInt(Storage::elements).reversed().thenComparingInt(Storage::firstLaunch));
        List<Storage> placed = new ArrayList<>();
        long total = 0;
        for (Storage storage : bySize) {
            long offset = lowestFree(storage, placed);
            if (offset + storage.elements() > Integer.MAX_VALUE) {
                throw new io.parallaxfleet.execute.AcceleratorException(
                        io.parallaxfleet.execute.AcceleratorException.Cause.OUT_OF_DEVICE_MEMORY,
                        "the region's intermediates exceed what kernels index", null);
            }
            storage.place(0, (int) offset);
            placed.add(storage);
            placed.sort(Comparator.comparingInt(Storage::offset));
            total = Math.max(total, offset + aligned(storage.elements()));
        }
        return total;
    }

    private static long lowestFree(Storage storage, List<Storage> placedByOffset) {
        long candidate = 0;
        for (Storage other : placedByOffset) {
            boolean together = storage.firstLaunch() <= other.lastLaunch() && other.firstLaunch() <= storage.lastLaunch();
            if (!together) {
                continue;
            }
            if (candidate + aligned(storage.elements()) <= other.offset()) {
                return candidate;
            }
            candidate = Math.max(candidate, other.offset() + aligned(other.elements()));
        }
        return candidate;
    }

    private static long aligned(long floats) {
        return (floats + ALIGNMENT_FLOATS - 1) / ALIGNMENT_FLOATS * ALIGNMENT_FLOATS;
    }
}
