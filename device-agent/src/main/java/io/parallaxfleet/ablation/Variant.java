package io.parallaxfleet.ablation;

import io.parallaxfleet.bench.Contenders;
import io.parallaxfleet.partition.DelegationPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One row of the ablation.
 *
 * @param name short and stable, for tables, charts and JSON
 * @param kind what it is to the others
 * @param flags of {@code parallax bench}, which repeat it
 * @param delegation what goes to the accelerator; empty: there is none
 */
record Variant(String name, Kind kind, List<String> flags, Optional<DelegationPolicy> delegation) {
    static final String FULL = "engine";
    static final String ONE_SESSION = "no parallelism";
    static final String SPLIT = "split by the paper's rule";
    static final String UNSHARED = "split, no sharing";
    private static final String SPLIT_FLAG = "SPLIT";

    /** What a variant is to the others. */
    enum Kind {
        /** Plain ONNX Runtime; {@link Variant#flags} name its contender of the benchmark. */
        PLAIN,
        /** The engine with something left out, changed or added. */
        ENGINE,
        /** The engine with its CPU part split, which is an ablation only where a layer is worth splitting. */
        SPLIT,
        /** The engine on fewer threads. */
        FEWER_THREADS
    }

    Variant {
        flags = List.copyOf(flags);
    }

    /**
     * Every variant of a model.
     *
     * @param threads CPU threads of all but those on fewer
     * @param budget under which the rules for the concurrent set differ
     */
    static List<Variant> all(int threads, BindingBudget budget) {
        List<Variant> variants = new ArrayList<>();
        for (int fewer = 1; fewer < threads; fewer++) {
            variants.add(plain("ORT, " + threadsText(fewer), fewer));
        }
        variants.add(plain("ORT, " + threadsText(threads), threads));
        if (threads > 1) {
            variants.add(new Variant("ORT, " + threadsText(threads) + ", no spinning", Kind.PLAIN,
                    List.of("ort-all-threads-no-spin", "--threads", Integer.toString(threads)), Optional.empty()));
        }
        variants.add(engine(FULL));
        for (int fewer = 1; fewer < threads; fewer++) {
            variants.add(new Variant("engine, " + threadsText(fewer), Kind.FEWER_THREADS,
                    List.of("--threads", Integer.toString(fewer)), Optional.empty()));
        }
        variants.add(engine("original operators", "--exact"));
        variants.add(engine(ONE_SESSION, "--no-parallelism"));
        variants.add(split(SPLIT));
        variants.add(split("split, layer barrier", "--layer-barrier"));
        String bytes = Long.toString(budget.bytes());
        variants.add(split("split, tight budget", "--budget", bytes));
        variants.add(split("split, tight budget, greedy subset", "--budget", bytes, "--greedy-subset"));
        variants.add(split(UNSHARED, "--no-sharing"));
        variants.add(new Variant("accelerator, paper's pruning", Kind.ENGINE, List.of("--thresholds", "paper"),
                Optional.of(DelegationPolicy.paper())));
        variants.add(new Variant("accelerator, no pruning", Kind.ENGINE, List.of("--no-pruning"),
                Optional.of(new DelegationPolicy.Everything())));
        return variants;
    }

    private static Variant plain(String name, int threads) {
        return new Variant(name, Kind.PLAIN,
                List.of(threads == 1 ? "ort-1-thread" : "ort-all-threads", "--threads", Integer.toString(threads)), Optional.empty());
    }

    private static Variant engine(String name, String... flags) {
        return new Variant(name, Kind.ENGINE, List.of(flags), Optional.empty());
    }

    private static Variant split(String name, String... flags) {
        List<String> all = new ArrayList<>(List.of("--execution", SPLIT_FLAG));
        all.addAll(List.of(flags));
        return new Variant(name, Kind.SPLIT, all, Optional.empty());
    }

    private static String threadsText(int threads) {
        return threads + (threads == 1 ? " thread" : " threads");
    }

    /** The contender of the benchmark that it is: the engine, or what the first flag names. */
    String contender() {
        return kind == Kind.PLAIN ? flags.get(0) : Contenders.ENGINE;
    }

    /** The flags that change the engine; those about the accelerator are applied by {@link #delegation}. */
    List<String> engineFlags() {
        return kind == Kind.PLAIN ? flags.subList(1, flags.size()) : delegation.isPresent() ? List.of() : flags;
    }

    /** Threads that it has, of that many. */
    int threads(int all) {
        int flag = flags.indexOf("--threads");
        return flag < 0 ? all : Integer.parseInt(flags.get(flag + 1));
    }
}
