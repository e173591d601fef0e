package io.parallaxfleet.check.fuzz;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A reproducible sequence of broken models. */
final class Mutants {
    private final List<byte[]> small = SeedModels.small();
    private final List<byte[]> all = new ArrayList<>(small);
    private final long seed;

    /** @param folder where the mutants will lie: the skeletons' weights are put there */
    Mutants(Path folder, long seed, String... skeletons) {
        this.seed = seed;
        all.addAll(SeedModels.skeletons(folder, skeletons));
    }

    /** The mutant of that number; nine in ten come from the small models, where a change matters more. */
    byte[] get(long number) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        List<byte[]> from = random.nextInt(10) == 0 ? all : small;
        byte[] model = from.get(random.nextInt(from.size()));
        return new ModelMutator(random).mutate(model, small.get(random.nextInt(small.size())));
    }

    List<byte[]> seeds() {
        return all;
    }
}
