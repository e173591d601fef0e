package io.parallaxfleet.bench;

import java.util.List;

/**
 * What the best order and the best split of threads could make of an inference, given what each of its operators takes.
 *
 * <p>An operator takes {@code t1} on one thread and {@code tp} on all {@code p}. Whatever runs beside whatever, an inference is
 * never faster than
 *
 * <pre>
 *   path = longest chain of dependent operators, each at its fastest: min(t1, tp)
 *   work = Σ min(t1, p·tp) / p, all cores busy all the time
 * </pre>
 *
 * as long as operators stay what they are: the bound says nothing of other kernels, fusions or layouts. Immutable.
 *
 * @param pathNanos the first
 * @param workNanos the second
 * @param oneAfterAnotherNanos Σ tp: operators in sequence with all threads, as ONNX Runtime runs them
 */
record ScalingBound(long pathNanos, long workNanos, long oneAfterAnotherNanos) {
    /**
     * One operator.
     *
     * @param predecessors positions of what it reads from, all before its own
     * @param oneThreadNanos t1
     * @param allThreadsNanos tp
     */
    record Operator(String type, List<Integer> predecessors, long oneThreadNanos, long allThreadsNanos) {
        Operator {
            predecessors = List.copyOf(predecessors);
        }

        /** What all threads take longer than a perfect division of the work among them. */
        long lostNanos(int threads) {
            return Math.max(0, allThreadsNanos - oneThreadNanos / threads);
        }
    }

    /** @param operators in topological order */
    static ScalingBound of(List<Operator> operators, int threads) {
        long[] end = new long[operators.size()];
        long path = 0;
        long work = 0;
        long sequence = 0;
        for (int position = 0; position < end.length; position++) {
            Operator operator = operators.get(position);
            long start = 0;
            for (int predecessor : operator.predecessors()) {
                start = Math.max(start, end[predecessor]);
            }
            end[position] = start + Math.min(operator.oneThreadNanos(), operator.allThreadsNanos());
            path = Math.max(path, end[position]);
            work += Math.min(operator.oneThreadNanos(), threads * operator.allThreadsNanos());
            sequence += operator.allThreadsNanos();
        }
        return new ScalingBound(path, work / threads, sequence);
    }

    /** No schedule of these operators is faster. */
    long nanos() {
        return Math.max(pathNanos, workNanos);
    }
}
