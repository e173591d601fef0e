package io.parallaxfleet.opencl;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which lowering an operator has, and why one that has none is refused. Immutable. */
final class OperatorCatalogue {
    private final Map<String, Lowering> lowerings = new HashMap<>();

    OperatorCatalogue() {
        register(new Convolution(), Convolution.KINDS);
        register(new MatrixProduct(), MatrixProduct.KINDS);
        register(new Elementwise(), PointwiseOperators.kinds());
        register(new BatchNormalization(), Set.of("BatchNormalization"));
        register(new Pooling(), Pooling.KINDS);
        register(new Softmax(), Set.of("Softmax"));
        register(new LayerNormalization(), LayerNormalization.KINDS);
        register(new Reduction(), Reduction.KINDS);
        register(new Reinterpretation(), Reinterpretation.KINDS);
        register(new Movement(), Movement.KINDS);
    }

    private void register(Lowering lowering, Set<String> kinds) {
        kinds.forEach(kind -> lowerings.put(kind, lowering));
    }

    Lowering lowering(Operator operator) {
        Lowering lowering = lowerings.get(operator.kind());
        if (lowering == null) {
            throw new IllegalArgumentException(operator + ": " + operator.kind() + " has no OpenCL kernel");
        }
        return lowering;
    }

    /** Why the operator cannot run; empty when it can. */
    Optional<String> refusal(Operator operator) {
        Lowering lowering = lowerings.get(operator.kind());
        if (lowering == null || operator.node().controlFlow()) {
            return Optional.of(operator.kind() + " has no OpenCL kernel");
        }
        for (int i = 0; i < operator.node().inputs().size(); i++) {
            if (!operator.hasInput(i)) {
                continue;
            }
            if (!lowering.isParameter(operator, i)) {
                Optional<String> refusal = operator.refusalOfTensor(operator.input(i));
                if (refusal.isPresent()) {
                    return refusal;
                }
            } else if (!operator.constantInput(i)) {
                return Optional.of("the parameter '" + operator.input(i) + "' is not constant");
            }
        }
        for (String output : (Iterable<String>) operator.node().writes()::iterator) {
            Optional<String> refusal = operator.refusalOfTensor(output);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return lowering.refusal(operator);
    }
}
