package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.HostFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * What a pause before an inference costs, and where: contenders run after every kind of {@link Rest} in turns. The step from no gap to
 * one spent awake is the price of pool threads that have stopped, the step from awake to asleep that of a core that was idle.
 *
 * <p>A round visits every contender after every rest, in an order drawn anew; a visit is a run that does not count and
 * {@value #RUNS_OF_A_VISIT} that do. A round in which other processes had more than a tenth of the cores does not count: it is tried
 * again, at most three times as often as rounds were asked for.
 */
final class PauseProbe {
    static final int RUNS_OF_A_VISIT = 5;
    private static final double MOST_FOR_OTHERS = 0.10;
    private static final int TRIES_A_ROUND = 3;
    private static final long ORDER_SEED = 7;

    private final List<Contender> contenders;
    private final Map<String, OnnxTensor> inputs;
    private final WarmUp warmUp;
    private final Conditions conditions;

    /**
     * What happens around runs.
     *
     * @param rest spends that long as the caller of an inference would; asleep between visits
     * @param others begins to look; what it answers says the share of all cores that others had since, empty where nobody knows
     */
    record Conditions(BiConsumer<Rest, Duration> rest, Supplier<Supplier<OptionalDouble>> others) {
        static Conditions ofThisMachine() {
            CpuLoad load = new CpuLoad(HostFiles.ofThisMachine(), System::nanoTime, ProcessCpuTime::nanos);
            return new Conditions(Conditions::spend, () -> {
                Optional<CpuLoad.Mark> start = load.mark();
                return () -> load.foreignShareSince(start);
            });
        }

        private static void spend(Rest rest, Duration duration) {
            long until = System.nanoTime() + duration.toNanos();
            while (rest != Rest.NONE && System.nanoTime() < until) {
                if (rest == Rest.AWAKE) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
            }
        }
    }

    /**
     * Medians of one contender.
     *
     * @param nanos latency after each rest
     */
    record Costs(Map<Rest, Long> nanos) {
        Costs {
            nanos = Collections.unmodifiableMap(new EnumMap<>(nanos));
        }

        /** Latency after a rest over that without any. */
        double ratio(Rest rest) {
            return (double) nanos.get(rest) / nanos.get(Rest.NONE);
        }
    }

    /**
     * What was found.
     *
     * @param byContender in the order of the contenders; empty where others were busy in every round
     * @param disturbedRounds how many rounds did not count
     */
    record Found(Map<String, Costs> byContender, int disturbedRounds) {}

    PauseProbe(List<Contender> contenders, Map<String, OnnxTensor> inputs, WarmUp warmUp, Conditions conditions) {
        this.contenders = List.copyOf(contenders);
        this.inputs = Map.copyOf(inputs);
        this.warmUp = warmUp;
        this.conditions = conditions;
    }

    private record Visit(Contender contender, Rest rest) {}

    /** @param rounds that are to count */
    Found measure(int rounds) {
        warmUp.run(contenders, this::run, System::nanoTime);
        List<Visit> visits = new ArrayList<>();
        for (Contender contender : contenders) {
            for (Rest rest : Rest.values()) {
                visits.add(new Visit(contender, rest));
            }
        }
        Random random = new Random(ORDER_SEED);
        Map<Visit, long[]> latencies = new LinkedHashMap<>();
        visits.forEach(visit -> latencies.put(visit, new long[0]));
        int counted = 0;
        int disturbed = 0;
        while (counted < rounds && counted + disturbed < TRIES_A_ROUND * rounds) {
            List<Visit> order = new ArrayList<>(visits);
            Collections.shuffle(order, random);
            Map<Visit, long[]> round = new LinkedHashMap<>();
            Supplier<OptionalDouble> others = conditions.others().get();
            order.forEach(visit -> round.put(visit, latencies(visit)));
            if (others.get().orElse(0) > MOST_FOR_OTHERS) {
                disturbed++;
                continue;
            }
            counted++;
            round.forEach((visit, more) -> latencies.merge(visit, more, PauseProbe::joined));
        }
        return new Found(counted == 0 ? Map.of() : costs(latencies), disturbed);
    }

    private long[] latencies(Visit visit) {
        conditions.rest().accept(Rest.ASLEEP, Pacing.SETTLING);
        run(visit.contender());
        long[] nanos = new long[RUNS_OF_A_VISIT];
        for (int run = 0; run < nanos.length; run++) {
            if (visit.rest() != Rest.NONE) {
                conditions.rest().accept(visit.rest(), Pacing.GAP);
            }
            nanos[run] = run(visit.contender());
        }
        return nanos;
    }

    private long run(Contender contender) {
        return contender.run(inputs, Contender.OutputReader.none());
    }

    private static long[] joined(long[] some, long[] more) {
        long[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    private static Map<String, Costs> costs(Map<Visit, long[]> latencies) {
        Map<String, Map<Rest, Long>> medians = new LinkedHashMap<>();
        latencies.forEach((visit, nanos) -> {
            Arrays.sort(nanos);
            medians.computeIfAbsent(visit.contender().name(), name -> new EnumMap<>(Rest.class))
                    .put(visit.rest(), nanos[nanos.length / 2]);
        });
        Map<String, Costs> costs = new LinkedHashMap<>();
        medians.forEach((name, of) -> costs.put(name, new Costs(of)));
        return costs;
    }
}
