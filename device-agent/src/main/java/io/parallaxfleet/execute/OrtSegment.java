package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A CPU segment: a session whose outputs are pinned to their planned places. */
public final class OrtSegment implements StepKernel {
    private final OrtSession session;
    private final List<String> inputs;
    private final Map<String, OnnxTensor> pinned = new HashMap<>();
    private final Set<String> unpinned = new LinkedHashSet<>();
    private final Map<String, OnnxTensor> fed = new HashMap<>();

    /** Takes ownership of the session. */
    public OrtSegment(OrtSession session, List<String> inputs, List<String> outputs, TensorStore tensors) {
        this.session = session;
        this.inputs = List.copyOf(inputs);
        for (String output : outputs) {
            if (tensors.isPlanned(output)) {
                pinned.put(output, tensors.tensor(output));
            } else {
                unpinned.add(output);
            }
        }
    }

    @Override
    public void run(TensorStore tensors) throws OrtException {
        for (String input : inputs) {
            fed.put(input, tensors.tensor(input));
        }
        OrtSession.Result result = session.run(fed, unpinned, pinned);
        if (unpinned.isEmpty()) {
            result.close();
        } else {
            tensors.publish(result, unpinned);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
