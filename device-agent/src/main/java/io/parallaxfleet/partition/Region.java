package io.parallaxfleet.partition;

import java.util.List;

/**
 * A connected, convex set of accelerator-supported operators (Parallax, Section 3.1).
 *
 * @param index position among the candidate regions of the graph
 * @param nodes node indices, ascending
 * @param inputs tensors that enter the region, initialisers not among them
 * @param outputs tensors that leave the region or are graph outputs
 * @param macs F, the sum over the operators
 * @param boundaryBytes B, bytes of inputs and outputs
 */
public record Region(int index, List<Integer> nodes, List<String> inputs, List<String> outputs, long macs, long boundaryBytes) {
    public Region {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("region " + index + " is empty");
        }
    }

    /** N, the number of operators. */
    public int operators() {
        return nodes.size();
    }

    /** B / F in bytes per MAC; infinite for a region that computes nothing. */
    public double bytesPerMac() {
        return macs == 0 ? Double.POSITIVE_INFINITY : (double) boundaryBytes / macs;
    }
}
