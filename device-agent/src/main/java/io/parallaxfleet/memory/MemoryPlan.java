package io.parallaxfleet.memory;

import java.util.List;
import java.util.Map;

/**
 * Planned storage of every intermediate tensor with a known size (Parallax, Section 3.3).
 *
 * @param allocations one for each planned tensor; graph inputs and initialisers are the caller's and not among them
 * @param arenaBytes size of each arena by branch index; a branch without an arena of its own has 0
 * @param branchPeakBytes M_i of each branch by branch index: the most it holds at once, operands inside the branch included
 * @param dynamicTensors tensors whose size only the run decides, by the branch that produces and grows them
 * @param naiveBytes one buffer for each tensor: what no sharing at all would take
 */
public record MemoryPlan(
        List<Allocation> allocations,
        List<Long> arenaBytes,
        List<Long> branchPeakBytes,
        Map<String, Integer> dynamicTensors,
        long naiveBytes) {
    /** Alignment of every offset: a cache line, which also serves OpenCL sub-buffers on most devices' host pointers. */
    public static final int ALIGNMENT_BYTES = 64;

    public MemoryPlan {
        allocations = List.copyOf(allocations);
        arenaBytes = List.copyOf(arenaBytes);
        branchPeakBytes = List.copyOf(branchPeakBytes);
        dynamicTensors = Map.copyOf(dynamicTensors);
    }

    /** Bytes of all arenas: the plan's peak. */
    public long totalBytes() {
        return arenaBytes.stream().mapToLong(Long::longValue).sum();
    }
}
