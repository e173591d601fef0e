package io.parallaxfleet.engine;

import io.parallaxfleet.cores.CoreSet;
import io.parallaxfleet.cores.CpuTopology;
import io.parallaxfleet.cores.ThreadAffinity;
import io.parallaxfleet.schedule.ThreadPlacing;
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
    /** By place: the core as the kernel's mask. */
    private final long[][] masks;
    private final long[] all;

    private CoreAssignment(ThreadAffinity affinity, List<Integer> cores) {
        this.affinity = affinity;
        this.cores = List.copyOf(cores);
        this.masks = cores.stream().map(core -> ThreadAffinity.mask(CoreSet.of(List.of(core)))).toArray(long[][]::new);
        this.all = ThreadAffinity.mask(CoreSet.of(cores));
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
        int processors = Runtime.getRuntime().availableProcessors();
        return ThreadAffinity.ofThisSystem()
                .map(affinity -> defaultThreads(CpuTopology.read(Path.of("/"), affinity.get()), processors))
                .orElse(Math.min(MOST_THREADS, processors));
    }

    /** @param processors how many the process is given, which a quota may make fewer than its cores */
    static int defaultThreads(CpuTopology topology, int processors) {
        return Math.min(Math.min(MOST_THREADS, processors), topology.performanceCores().size());
    }

    /** Binds the calling thread to the core of a place, or where it has {@linkplain ThreadPlacing#NO_PLACE none} to all of these cores. */
    void bind(int place) {
        affinity.set(place == ThreadPlacing.NO_PLACE ? all : masks[place]);
    }

    /** @param mask filled with the cores that the calling thread may run on now */
    void rememberInto(long[] mask) {
        affinity.get(mask);
    }

    boolean isBoundTo(long[] mask, int place) {
        return place >= 0 && Arrays.equals(mask, masks[place]);
    }

    void giveBack(long[] mask) {
        affinity.set(mask);
    }

    /**
     * Cores of a session's pool threads, one fewer than its threads since whoever calls it works too, on the first.
     *
     * @param first lowest of its threads
     */
    List<Integer> poolCores(int first, int sessionThreads) {
        return first + sessionThreads <= cores.size() ? cores.subList(first + 1, first + sessionThreads) : List.of();
    }
}
