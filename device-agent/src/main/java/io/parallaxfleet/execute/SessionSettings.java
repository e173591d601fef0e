package io.parallaxfleet.execute;

import java.util.List;
import java.util.Map;

/**
 * How an ONNX Runtime session is opened.
 *
 * @param intraOpThreads threads inside one operator
 * @param interOpThreads threads across operators; above 1 ONNX Runtime's parallel mode is on
 * @param spinning what its threads do between pieces of work
 * @param poolCores core of each pool thread, one fewer than {@code intraOpThreads} since the caller works too; empty: anywhere
 * @param dimensions values of symbolic dimensions
 * @param exact whether the nodes of the file are run as they are, without any optimisation of the graph
 * @param oneBlock whether a run takes the memory of all its tensors in one block, whose layout ONNX Runtime learns in the first run;
 *     otherwise tensor by tensor, which holds less and costs a microsecond or two an operator
 */
public record SessionSettings(
        int intraOpThreads,
        int interOpThreads,
        Spinning spinning,
        List<Integer> poolCores,
        Map<String, Long> dimensions,
        boolean exact,
        boolean oneBlock) {
    public SessionSettings {
        if (intraOpThreads < 1 || interOpThreads < 1) {
            throw new IllegalArgumentException("a session needs at least one thread of each kind");
        }
        if (!poolCores.isEmpty() && poolCores.size() != intraOpThreads - 1) {
            throw new IllegalArgumentException(
                    "a session of " + intraOpThreads + " threads has " + (intraOpThreads - 1) + " pool threads, not " + poolCores.size());
        }
        poolCores = List.copyOf(poolCores);
        dimensions = Map.copyOf(dimensions);
    }

    /** With every optimisation of the graph. */
    public SessionSettings(
            int intraOpThreads, int interOpThreads, Spinning spinning, List<Integer> poolCores, Map<String, Long> dimensions) {
        this(intraOpThreads, interOpThreads, spinning, poolCores, dimensions, false, true);
    }

    /** A session of its own with the given threads. */
    public static SessionSettings of(int intraOpThreads, Spinning spinning) {
        return new SessionSettings(intraOpThreads, 1, spinning, List.of(), Map.of());
    }

    public SessionSettings withDimensions(Map<String, Long> bound) {
        return new SessionSettings(intraOpThreads, interOpThreads, spinning, poolCores, bound, exact, oneBlock);
    }

    /** The same with its pool threads bound, where it has any. */
    public SessionSettings withPoolCores(List<Integer> cores) {
        return new SessionSettings(
                intraOpThreads, interOpThreads, spinning, intraOpThreads > 1 ? cores : List.of(), dimensions, exact, oneBlock);
    }

    /** The same, run as the file says or optimised. */
    public SessionSettings withExact(boolean asItIs) {
        return new SessionSettings(intraOpThreads, interOpThreads, spinning, poolCores, dimensions, asItIs, oneBlock);
    }

    /** The same, with tensors allocated one by one. */
    public SessionSettings withTensorsOneByOne() {
        return new SessionSettings(intraOpThreads, interOpThreads, spinning, poolCores, dimensions, exact, false);
    }

    /** What the threads of a session do when they have nothing to do. */
    public enum Spinning {
        /** Park at once: other sessions get the cores. */
        OFF,
        /** Spin while a run is in progress, park when it ends. */
        WITHIN_RUN,
        /** ONNX Runtime's default: spin for a while after a run too. */
        ALWAYS
    }
}
