package io.parallaxfleet.operators.aggregate.flink;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import org.apache.flink.api.common.functions.AggregateFunction;

/** Adds sums to a window's sum. */
public final class AccumulateFunction implements AggregateFunction<KeyedAccumulator, Accumulator, Accumulator> {
    private static final long serialVersionUID = 1L;

    @Override
    public Accumulator createAccumulator() {
        return new Accumulator();
    }

    @Override
    public Accumulator add(KeyedAccumulator sum, Accumulator window) {
        window.merge(sum.accumulator());
        return window;
    }

    @Override
    public Accumulator getResult(Accumulator window) {
        return window;
    }

    @Override
    public Accumulator merge(Accumulator a, Accumulator b) {
        a.merge(b);
        return a;
    }
}
