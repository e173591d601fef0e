package io.parallaxfleet.opencl;

import java.util.Optional;
import java.util.Set;

/** Operators that change the shape and nothing else: the result is the same memory. */
final class Reinterpretation implements Lowering {
    static final Set<String> KINDS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

    @Override
    public boolean isParameter(Operator operator, int position) {
        return position > 0;
    }

    @Override
    public Optional<String> refusal(Operator operator) {
        return Optional.empty();
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        draft.alias(result, draft.read(operator.input(0)));
    }
}
