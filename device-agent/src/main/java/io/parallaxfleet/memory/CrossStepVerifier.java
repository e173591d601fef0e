package io.parallaxfleet.memory;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Proves a {@link CrossStepPlan} by other means than its planner: for every two tensors whose storage overlaps it walks the
 * dependencies back from the writer of the one and has to meet every user of the other. O(T² + overlaps·E).
 */
public final class CrossStepVerifier {
    private CrossStepVerifier() {}

    /** @throws IllegalStateException that names the tensors and what is wrong with them */
    public static void verify(List<StorageRequest> requests, List<List<Integer>> stepPredecessors, CrossStepPlan plan) {
        if (plan.offsets().size() != requests.size()) {
            throw new IllegalStateException(plan.offsets().size() + " tensors are placed, " + requests.size() + " were requested");
        }
        for (StorageRequest request : requests) {
            Long offset = plan.offsets().get(request.tensor());
            if (offset == null) {
                throw new IllegalStateException("tensor '" + request.tensor() + "' is not placed");
            }
            if (offset < 0 || offset % MemoryPlan.ALIGNMENT_BYTES != 0 || offset + request.bytes() > plan.bytes()) {
                throw new IllegalStateException("tensor '" + request.tensor() + "' of " + request.bytes() + " bytes at " + offset
                        + " is not aligned or not inside the arena of " + plan.bytes());
            }
        }
        List<StorageRequest> byOffset = requests.stream()
                .filter(request -> request.bytes() > 0)
                .sorted(Comparator.comparing(request -> plan.offsets().get(request.tensor())))
                .toList();
        for (int left = 0; left < byOffset.size(); left++) {
            StorageRequest lower = byOffset.get(left);
            long end = plan.offsets().get(lower.tensor()) + lower.bytes();
            for (int right = left + 1; right < byOffset.size(); right++) {
                StorageRequest upper = byOffset.get(right);
                if (plan.offsets().get(upper.tensor()) >= end) {
                    break;
                }
                if (!isOverBefore(lower, upper, stepPredecessors) && !isOverBefore(upper, lower, stepPredecessors)) {
                    throw new IllegalStateException("tensors '" + lower.tensor() + "' and '" + upper.tensor()
                            + "' share storage and may be alive at the same time");
                }
            }
        }
    }

    private static boolean isOverBefore(StorageRequest first, StorageRequest second, List<List<Integer>> predecessors) {
        Set<Integer> users = new HashSet<>(first.consumerSteps());
        users.add(first.producerStep());
        Set<Integer> over = new HashSet<>();
        Deque<Integer> open = new ArrayDeque<>(predecessors.get(second.producerStep()));
        while (!open.isEmpty()) {
            int step = open.pop();
            if (over.add(step)) {
                open.addAll(predecessors.get(step));
            }
        }
        return !first.output() && over.containsAll(users);
    }
}
