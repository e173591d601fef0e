package io.parallaxfleet.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Places the tensors that cross steps in one arena. Two tensors share storage only where every reader of the one (its writer,
 * if nobody reads it) is over before the writer of the other starts, in every execution that respects the dependencies of the
 * steps: neither a layer barrier nor an execution order is assumed.
 *
 * <p>Each tensor takes the tightest gap left by those already placed that may be alive beside it. What is placed first decides,
 * so three orders are tried and the smallest arena wins: largest first; in order of production, which is how an arena without a
 * plan fills; and by breadth, the steps that hold most first and their tensors largest first, as these steps bound the arena from
 * below. O(S·E / 64 + T²) for T tensors.
 *
 * <p>Source of the orders by size and by breadth: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
 * 2020.
 */
public final class CrossStepMemory {
    private static final Comparator<StorageRequest> BY_PRODUCTION =
            Comparator.comparingInt(StorageRequest::producerStep).thenComparing(StorageRequest::tensor);
    private static final Comparator<StorageRequest> BY_SIZE =
            Comparator.comparingLong(StorageRequest::bytes).reversed().thenComparing(BY_PRODUCTION);

    private final List<StorageRequest> requests;
    private final Precedence precedence;

    private CrossStepMemory(List<StorageRequest> requests, Precedence precedence) {
        this.requests = requests;
        this.precedence = precedence;
    }

    /**
     * Offsets for all requests; equal inputs give equal plans.
     *
     * @param stepPredecessors for each step the steps it waits for
     * @throws IllegalArgumentException when steps wait in a circle or for steps that do not exist, a tensor is requested
     *     twice, or a consumer does not wait for the producer, directly or through others
     */
    public static CrossStepPlan plan(List<StorageRequest> requests, List<List<Integer>> stepPredecessors) {
        CrossStepMemory memory = new CrossStepMemory(List.copyOf(requests), new Precedence(stepPredecessors));
        memory.requireOrderedUse();
        CrossStepPlan best = memory.place(memory.sorted(BY_SIZE));
        for (List<StorageRequest> order : List.of(memory.sorted(BY_PRODUCTION), memory.byBreadth())) {
            CrossStepPlan other = memory.place(order);
            if (other.bytes() < best.bytes()) {
                best = other;
            }
        }
        return best;
    }

    private List<StorageRequest> sorted(Comparator<StorageRequest> ordering) {
        return requests.stream().sorted(ordering).toList();
    }

    /** Steps by the bytes of what they read and write, most first; of each step what no step before it had, largest first. */
    private List<StorageRequest> byBreadth() {
        Map<Integer, List<StorageRequest>> usedBy = new HashMap<>();
        for (StorageRequest request : requests) {
            usedBy.computeIfAbsent(request.producerStep(), step -> new ArrayList<>()).add(request);
            request.consumerSteps().forEach(step -> usedBy.computeIfAbsent(step, key -> new ArrayList<>()).add(request));
        }
        Comparator<Map.Entry<Integer, List<StorageRequest>>> broadestFirst = Comparator
                .<Map.Entry<Integer, List<StorageRequest>>>comparingLong(
                        entry -> entry.getValue().stream().mapToLong(StorageRequest::bytes).sum())
                .reversed()
                .thenComparing(Map.Entry::getKey);
        return usedBy.entrySet().stream()
                .sorted(broadestFirst)
                .flatMap(entry -> entry.getValue().stream().sorted(BY_SIZE))
                .distinct()
                .toList();
    }

    private void requireOrderedUse() {
        Map<String, StorageRequest> seen = new HashMap<>();
        for (StorageRequest request : requests) {
            if (seen.put(request.tensor(), request) != null) {
                throw new IllegalArgumentException("tensor '" + request.tensor() + "' is requested twice");
            }
            if (request.producerStep() < 0 || request.producerStep() >= precedence.steps()) {
                throw new IllegalArgumentException("tensor '" + request.tensor() + "' is written by step " + request.producerStep()
                        + " of " + precedence.steps());
            }
            for (int consumer : request.consumerSteps()) {
                if (consumer < 0 || consumer >= precedence.steps() || !precedence.isBefore(request.producerStep(), consumer)) {
                    throw new IllegalArgumentException("tensor '" + request.tensor() + "' is read by step " + consumer
                            + ", which does not wait for step " + request.producerStep() + " that writes it");
                }
            }
        }
    }

    private CrossStepPlan place(List<StorageRequest> sorted) {
        Arena<StorageRequest> arena = new Arena<>();
        Map<String, Long> offsets = new HashMap<>();
        for (StorageRequest request : sorted) {
            long offset = request.bytes() == 0
                    ? 0
                    : arena.bestFit(request.bytes(), placed -> !isOverBefore(placed, request) && !isOverBefore(request, placed)).offset();
            arena.place(request, offset, request.bytes());
            offsets.put(request.tensor(), offset);
        }
        return new CrossStepPlan(offsets, arena.bytes());
    }

    private boolean isOverBefore(StorageRequest first, StorageRequest second) {
        if (first.output()) {
            return false;
        }
        if (first.consumerSteps().isEmpty()) {
            return precedence.isBefore(first.producerStep(), second.producerStep());
        }
        for (int consumer : first.consumerSteps()) {
            if (!precedence.isBefore(consumer, second.producerStep())) {
                return false;
            }
        }
        return true;
    }
}
