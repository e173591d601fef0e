package io.parallaxfleet.graph;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One operator of a {@link ModelGraph}.
 *
 * @param index position in the graph's topological order
 * @param name the node's name; never empty (unnamed nodes get {@code <opType>_<index>})
 * @param domain operator-set domain; the ONNX standard domain is the empty string
 * @param opType operator type, e.g. {@code Conv}
 * @param inputs tensors by position; an absent optional input is the empty string
 * @param outputs tensors by position; an absent optional output is the empty string
 * @param capturedInputs outer tensors that the node's sub-graphs read; empty without sub-graphs
 * @param controlFlow whether the node holds sub-graphs (If, Loop, Scan)
 * @param attributes scalar and list attributes
 * @param bodies the sub-graphs
 */
public record Node(
        int index,
        String name,
        String domain,
        String opType,
        List<String> inputs,
        List<String> outputs,
        List<String> capturedInputs,
        boolean controlFlow,
        Attributes attributes,
        Bodies bodies) {

    public Node {
        Objects.requireNonNull(attributes, "attributes");
        Objects.requireNonNull(bodies, "bodies");
        if (index < 0) {
            throw new IllegalArgumentException("node index " + index + " is negative");
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("node " + index + " has no name");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        capturedInputs = List.copyOf(capturedInputs);
    }

    /** An operator of whose sub-graphs nothing is known. */
    public Node(
            int index,
            String name,
            String domain,
            String opType,
            List<String> inputs,
            List<String> outputs,
            List<String> capturedInputs,
            boolean controlFlow,
            Attributes attributes) {
        this(index, name, domain, opType, inputs, outputs, capturedInputs, controlFlow, attributes, Bodies.NONE);
    }

    /** Every tensor the node reads, explicit and captured, without absent ones. */
    public Stream<String> reads() {
        return Stream.concat(inputs.stream().filter(tensor -> !tensor.isEmpty()), capturedInputs.stream());
    }

    /** Every tensor the node writes. */
    public Stream<String> writes() {
        return outputs.stream().filter(tensor -> !tensor.isEmpty());
    }

    /** Whether the operator is in the ONNX standard domain and of the given type. */
    public boolean is(String standardOpType) {
        return domain.isEmpty() && opType.equals(standardOpType);
    }
}
