package io.parallaxfleet.operators.aggregate.flink;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.Measurement;
import org.apache.flink.api.common.functions.AggregateFunction;

/** Flink's view of {@link Accumulator}. */
public final class AccumulateFunction implements AggregateFunction<Measurement, Accumulator, Accumulator> {
    private static final long serialVersionUID = 1L;

    @Override
    public Accumulator createAccumulator() {
        return new Accumulator();
    }

    @Override
    public Accumulator add(Measurement value, Accumulator accumulator) {
        accumulator.add(value);
        return accumulator;
    }

    @Override
    public Accumulator getResult(Accumulator accumulator) {
        return accumulator;
    }

    @Override
    public Accumulator merge(Accumulator a, Accumulator b) {
        a.merge(b);
        return a;
    }
}
