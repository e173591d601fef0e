package io.parallaxfleet.memory;

/**
 * How arenas are planned.
 *
 * @param crossArenaSharing whether a branch may store tensors in the arena of a branch that is always over before it starts
 * @param layerBarrier whether every layer waits for the whole layer before it; without it a branch starts as soon as its own
 *     predecessors are over, which allows less sharing and no idle waiting
 */
public record MemoryOptions(boolean crossArenaSharing, boolean layerBarrier) {
    /** Sharing, driven by dependencies. */
    public static MemoryOptions defaults() {
        return new MemoryOptions(true, false);
    }
}
