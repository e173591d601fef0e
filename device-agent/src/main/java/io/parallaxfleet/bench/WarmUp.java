package io.parallaxfleet.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How much contenders run before they are timed. The JVM compiles code by how often it ran, whoever ran it: plain ONNX Runtime's
 * settings share one Java path, the engine runs its own and would otherwise be compiled, on a core that it needs, while it is timed.
 * So all peers together run as much as all others together, in equal parts, and each at least a few times, which its own memory
 * needs.
 *
 * <p>On GoogLeNet and MobileNetV2 the compilers were busy with the engine up to about its 300th run.
 *
 * @param leastRuns of each contender
 * @param sharedRuns of all peers together, and of all others, beyond which more runs change nothing
 * @param sharedTime of all peers together, and of all others, after which what is left of these runs is let be
 */
public record WarmUp(int leastRuns, int sharedRuns, Duration sharedTime) {
    public static final String OPTION = "Runs of each contender before timing (default: 10, and on until plain ONNX Runtime's settings together"
            + " and the engine have run 300 times or for 4 s: by then the JVM has compiled both).";

    /** @throws IllegalArgumentException for negative figures */
    public WarmUp {
        if (leastRuns < 0 || sharedRuns < 0 || sharedTime.isNegative()) {
            throw new IllegalArgumentException("a warm-up of " + leastRuns + " and " + sharedRuns + " runs; none can be negative");
        }
    }

    /** Long enough for the steady state: 10 runs of each; 300 or 4 s of all peers together and of all others. */
    public static WarmUp steady() {
        return new WarmUp(10, 300, Duration.ofSeconds(4));
    }

    /** So many runs of each contender, however long they take. */
    public static WarmUp exactly(int runs) {
        return new WarmUp(runs, 0, Duration.ZERO);
    }

    /** What a command line asks for: so many runs of each, or the steady state where it says nothing. */
    public static WarmUp of(Integer runsOrNull) {
        return runsOrNull == null ? steady() : exactly(runsOrNull);
    }

    /**
     * Runs contenders, one after another.
     *
     * @throws CancellationException when the thread is interrupted
     */
    void run(List<Contender> contenders, Consumer<Contender> once, LongSupplier nanoTime) {
        for (Contender contender : contenders) {
            long sharers = contenders.stream().filter(other -> other.peer() == contender.peer()).count();
            long enoughRuns = (sharedRuns + sharers - 1) / sharers;
            long begin = nanoTime.getAsLong();
            for (int runs = 0; runs < leastRuns
                    || runs < enoughRuns && nanoTime.getAsLong() - begin < sharedTime.toNanos() / sharers; runs++) {
                if (Thread.interrupted()) {
                    throw new CancellationException("stopped; nothing was measured to its end");
                }
                once.accept(contender);
            }
        }
    }
}
