package io.parallaxfleet.engine;

import io.parallaxfleet.cores.CoreSet;
import io.parallaxfleet.cores.CpuTopology;
import io.parallaxfleet.cores.ThreadAffinity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One core for each CPU thread of the engine, the caller's first. */
final class CoreAssignment {
    /** More threads than this rarely make one inference faster, and take what else the device does. */
    private static final int MOST_THREADS = 6;

    private final ThreadAffinity affinity;
    private final List<Integer> cores;
    private final long[] first;

    private CoreAssignment(ThreadAffinity affinity, List<Integer> cores) {
        this.affinity = affinity;
        this.cores = List.copyOf(cores);
        this.first = ThreadAffinity.mask(CoreSet.of(cores.subList(0, 1)));
    }

    /** The fastest cores this process may use; empty where threads cannot be bound or there are fewer such cores than threads. */
    static Optional<CoreAssignment> forThreads(int threads) {
        return ThreadAffinity.ofThisSystem().flatMap(affinity -> {
            List<Integer> cores = CpuTopology.read(Path.of("/"), affinity.get()).performanceCores();
            return threads > 1 && cores.size() >= threads
                    ? Optional.of(new CoreAssignment(affinity, cores.subList(0, threads)))
                    : Optional.empty();
        });
    }

    /** As many as there are performance cores that this process may use, at most {@value #MOST_THREADS}. */
    static int defaultThreads() {
        int available = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
        return ThreadAffinity.ofThisSystem()
                .map(affinity -> Math.min(available, CpuTopology.read(Path.of("/"), affinity.get()).performanceCores().size()))
                .orElse(available);
    }

    /** Binds the calling thread, a helper numbered from 0, for good; a helper beyond the cores stays free. */
    void bindHelper(int helper) {
        if (helper + 1 < cores.size()) {
            affinity.set(CoreSet.of(List.of(cores.get(helper + 1))));
        }
    }

    /**
     * Binds the calling thread to the first core.
     *
     * @param before filled with where it could run before, for {@link #release}
     */
    void bindCaller(long[] before) {
        affinity.get(before);
        if (!Arrays.equals(before, first)) {
            affinity.set(first);
        }
    }

    void release(long[] before) {
        if (!Arrays.equals(before, first)) {
            affinity.set(before);
        }
    }

    /** Cores of a session's pool threads, one fewer than its threads since its caller, on the first core, works too. */
    List<Integer> poolCores(int sessionThreads) {
        return sessionThreads <= cores.size() ? cores.subList(1, sessionThreads) : List.of();
    }
}
