package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * Times contenders in turns within one run of the program, so that a change of the machine's speed hits all alike. Every block
 * starts {@link Pacing#GAP} after the one before, when no thread of the other contender spins any more.
 */
final class AlternatingBenchmark {
    private static final int BLOCK = 5;

    private final List<Contender> contenders;
    private final Map<String, OnnxTensor> inputs;
    private final int runs;

    AlternatingBenchmark(List<Contender> contenders, Map<String, OnnxTensor> inputs, int runs) {
        this.contenders = List.copyOf(contenders);
        this.inputs = Map.copyOf(inputs);
        this.runs = runs;
    }

    void warmUp(int warmUpRuns) {
        for (Contender contender : contenders) {
            for (int run = 0; run < warmUpRuns; run++) {
                contender.run(inputs, Contender.OutputReader.none());
            }
        }
    }

    /**
     * Times every contender {@code runs} times.
     *
     * @param progress told of rounds done and rounds in all
     */
    Map<String, LatencySummary> time(Pacing pacing, BiConsumer<Integer, Integer> progress) {
        Map<String, long[]> latencies = new LinkedHashMap<>();
        contenders.forEach(contender -> latencies.put(contender.name(), new long[runs]));
        int block = pacing == Pacing.PACED ? 1 : BLOCK;
        for (int done = 0; done < runs; done += block) {
            // The order turns with every round, so that nobody always follows the same neighbour.
            for (int turn = 0; turn < contenders.size(); turn++) {
                Contender contender = contenders.get((turn + done / block) % contenders.size());
                pause();
                if (pacing == Pacing.BACK_TO_BACK) {
                    contender.run(inputs, Contender.OutputReader.none());
                }
                for (int run = done; run < Math.min(runs, done + block); run++) {
                    latencies.get(contender.name())[run] = contender.run(inputs, Contender.OutputReader.none());
                }
            }
            progress.accept(Math.min(runs, done + block), runs);
        }
        Map<String, LatencySummary> summaries = new LinkedHashMap<>();
        latencies.forEach((name, nanos) -> summaries.put(name, LatencySummary.of(nanos)));
        return summaries;
    }

    private static void pause() {
        long until = System.nanoTime() + Pacing.GAP.toNanos();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
