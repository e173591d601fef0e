package io.parallaxfleet.cores;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/** Numbers of processor cores as the kernel counts them, from 0. Immutable. */
public final class CoreSet {
    private final BitSet cores;

    private CoreSet(BitSet cores) {
        this.cores = cores;
    }

    public static CoreSet of(Collection<Integer> cores) {
        BitSet bits = new BitSet();
        cores.forEach(bits::set);
        return new CoreSet(bits);
    }

    /** A set from the kernel's mask: bit i of word i / 64 is core i. */
    static CoreSet ofMask(long[] mask) {
        return new CoreSet(BitSet.valueOf(mask));
    }

    /** The kernel's mask, at least {@code words} long. */
    long[] mask(int words) {
        long[] bits = cores.toLongArray();
        return Arrays.copyOf(bits, Math.max(words, bits.length));
    }

    public boolean contains(int core) {
        return cores.get(core);
    }

    public boolean isEmpty() {
        return cores.isEmpty();
    }

    /** Ascending. */
    public List<Integer> toList() {
        return cores.stream().boxed().toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CoreSet set && cores.equals(set.cores);
    }

    @Override
    public int hashCode() {
        return cores.hashCode();
    }

    @Override
    public String toString() {
        return "cores " + cores;
    }
}
