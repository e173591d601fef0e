package io.parallaxfleet.operators.aggregate;

import java.util.Objects;

/** What one operator has added up of a key; the window adds these up. */
public record KeyedAccumulator(AggregateKey key, Accumulator accumulator) {
    public KeyedAccumulator {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(accumulator, "accumulator");
    }
}
