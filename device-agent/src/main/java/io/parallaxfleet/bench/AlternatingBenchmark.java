package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.energy.EnergyMeter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;

/**
 * Times contenders in turns within one run of the program, so that a change of the machine's speed hits all alike. A turn is a
 * block of runs of one contender. It starts {@link Pacing#SETTLING} after the one before, when no thread of the other contender
 * spins any more, with a run that does not count.
 */
public final class AlternatingBenchmark {
    private static final int BLOCK = 5;
    private static final long ORDER_SEED = 7;

    private final List<Contender> contenders;
    private final Map<String, OnnxTensor> inputs;
    private final int runs;
    private final EnergyMeter meter;

    public AlternatingBenchmark(List<Contender> contenders, Map<String, OnnxTensor> inputs, int runs, EnergyMeter meter) {
        this.contenders = List.copyOf(contenders);
        this.inputs = Map.copyOf(inputs);
        this.runs = runs;
        this.meter = meter;
    }

    /** @throws CancellationException when the thread is interrupted */
    public void warmUp(WarmUp warmUp) {
        warmUp.run(contenders, contender -> contender.run(inputs, Contender.OutputReader.none()), System::nanoTime);
    }

    /**
     * Times every contender {@code runs} times.
     *
     * @param progress told of rounds done and rounds in all
     * @throws CancellationException when the thread is interrupted
     */
    public Map<String, ModeSummary> time(Pacing pacing, BiConsumer<Integer, Integer> progress) {
        Map<String, long[]> latencies = new LinkedHashMap<>();
        contenders.forEach(contender -> latencies.put(contender.name(), new long[runs]));
        Map<String, OptionalLong> microjoules = new LinkedHashMap<>();
        contenders.forEach(contender -> microjoules.put(contender.name(), OptionalLong.of(0)));
        Random random = new Random(ORDER_SEED);
        for (int done = 0; done < runs; done += BLOCK) {
            // A new order every round: what one contender leaves behind, in caches or on cores, must not always hit the same next.
            List<Contender> order = new ArrayList<>(contenders);
            Collections.shuffle(order, random);
            for (Contender contender : order) {
                Pacing.pause(Pacing.SETTLING);
                contender.run(inputs, Contender.OutputReader.none());
                meter.begin();
                for (int run = done; run < Math.min(runs, done + BLOCK); run++) {
                    if (pacing == Pacing.PACED) {
                        Pacing.pause(Pacing.GAP);
                    }
                    latencies.get(contender.name())[run] = contender.run(inputs, Contender.OutputReader.none());
                    meter.sample();
                }
                OptionalLong turn = meter.end().microjoules();
                microjoules.compute(contender.name(), (name, sum) -> sum(sum, turn));
            }
            progress.accept(Math.min(runs, done + BLOCK), runs);
        }
        Map<String, ModeSummary> summaries = new LinkedHashMap<>();
        latencies.forEach((name, nanos) -> {
            OptionalLong sum = microjoules.get(name);
            summaries.put(name, ModeSummary.of(nanos, sum.isPresent() ? OptionalLong.of(sum.getAsLong() / runs) : sum));
        });
        return summaries;
    }

    private static OptionalLong sum(OptionalLong sum, OptionalLong turn) {
        return sum.isPresent() && turn.isPresent() ? OptionalLong.of(sum.getAsLong() + turn.getAsLong()) : OptionalLong.empty();
    }
}
