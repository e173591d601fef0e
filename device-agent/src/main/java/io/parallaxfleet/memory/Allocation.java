package io.parallaxfleet.memory;

/**
 * Where a tensor lies and how long it lives.
 *
 * @param tensor its name
 * @param arena index of the arena, which is the index of the branch that owns it; with cross-arena sharing a tensor may lie in
 *     another branch's arena
 * @param offsetBytes offset in the arena, aligned to {@link MemoryPlan#ALIGNMENT_BYTES}
 * @param bytes size, before alignment
 * @param firstStep step that writes it
 * @param lastStep last step that reads it; graph outputs live to the last step of the plan
 */
public record Allocation(String tensor, int arena, long offsetBytes, long bytes, int firstStep, int lastStep) {
    public Allocation {
        if (offsetBytes < 0 || bytes < 0 || firstStep < 0 || lastStep < firstStep) {
            throw new IllegalArgumentException("allocation of '" + tensor + "' is malformed: offset " + offsetBytes + ", bytes "
                    + bytes + ", steps " + firstStep + ".." + lastStep);
        }
    }

    /** First byte after the tensor. */
    public long endBytes() {
        return offsetBytes + bytes;
    }
}
