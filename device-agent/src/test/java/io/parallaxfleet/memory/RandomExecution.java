package io.parallaxfleet.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Runs steps in a random legal interleaving and really writes tags into the planned storage: a step writes all its tensors when
 * it starts and reads its operands when it ends, so that any two steps that can overlap do.
 */
final class RandomExecution {
    private record Stored(String tensor, int first, int length, int producer, Set<Integer> consumers, boolean output) {}

    private final RandomGenerator random;
    private final List<? extends List<Integer>> predecessors;
    private final String[] storage;
    private final List<Stored> tensors = new ArrayList<>();

    RandomExecution(RandomGenerator random, List<? extends List<Integer>> predecessors, int cells) {
        this.random = random;
        this.predecessors = predecessors;
        this.storage = new String[cells];
    }

    void store(String tensor, int first, int length, int producer, Set<Integer> consumers, boolean output) {
        tensors.add(new Stored(tensor, first, length, producer, consumers, output));
    }

    /** Tensors whose storage held something else when they were read, or at the end for outputs. */
    List<String> lostTensors() {
        List<String> lost = new ArrayList<>();
        Map<Integer, List<Stored>> writtenBy = new HashMap<>();
        Map<Integer, List<Stored>> readBy = new HashMap<>();
        for (Stored tensor : tensors) {
            writtenBy.computeIfAbsent(tensor.producer(), key -> new ArrayList<>()).add(tensor);
            readBy.computeIfAbsent(tensor.producer(), key -> new ArrayList<>()).add(tensor);
            tensor.consumers().forEach(step -> readBy.computeIfAbsent(step, key -> new ArrayList<>()).add(tensor));
        }
        boolean[] over = new boolean[predecessors.size()];
        boolean[] started = new boolean[predecessors.size()];
        List<Integer> running = new ArrayList<>();
        for (int ended = 0; ended < over.length; ) {
            List<Integer> ready = new ArrayList<>();
            for (int step = 0; step < over.length; step++) {
                if (!started[step] && predecessors.get(step).stream().allMatch(before -> over[before])) {
                    ready.add(step);
                }
            }
            if (!ready.isEmpty() && (running.isEmpty() || random.nextBoolean())) {
                int step = ready.get(random.nextInt(ready.size()));
                started[step] = true;
                running.add(step);
                writtenBy.getOrDefault(step, List.of()).forEach(this::write);
            } else {
                int step = running.remove(random.nextInt(running.size()));
                readBy.getOrDefault(step, List.of()).stream().filter(tensor -> !holds(tensor)).forEach(tensor -> lost.add(tensor.tensor()));
                over[step] = true;
                ended++;
            }
        }
        tensors.stream().filter(tensor -> tensor.output() && !holds(tensor)).forEach(tensor -> lost.add(tensor.tensor()));
        return lost;
    }

    private void write(Stored tensor) {
        Arrays.fill(storage, tensor.first(), tensor.first() + tensor.length(), tensor.tensor());
    }

    private boolean holds(Stored tensor) {
        return Arrays.stream(storage, tensor.first(), tensor.first() + tensor.length()).allMatch(tensor.tensor()::equals);
    }
}
