package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A CPU segment: a session whose outputs are pinned to their planned places. */
public final class OrtSegment implements StepKernel {
    private final OrtSession session;
    /** Inputs that each run brings anew; the others lie at planned places and are fed once for good. */
    private final List<String> inputsOfRun = new ArrayList<>();
    private final Map<String, OnnxTensor> pinned = new HashMap<>();
    /** Outputs whose planned place is another in every run. */
    private final List<String> alternating = new ArrayList<>();
    private final Set<String> unpinned = new LinkedHashSet<>();
    private final Map<String, OnnxTensor> fed = new HashMap<>();
    private boolean firstRun = true;
    private long grownBytes;

    /** Takes ownership of the session. */
    public OrtSegment(OrtSession session, List<String> inputs, List<String> outputs, TensorStore tensors) {
        this.session = session;
        for (String input : inputs) {
            if (tensors.hasFixedPlace(input)) {
                fed.put(input, tensors.tensor(input));
            } else {
                inputsOfRun.add(input);
            }
        }
        for (String output : outputs) {
            if (tensors.isPlanned(output)) {
                pinned.put(output, tensors.tensor(output));
                if (!tensors.hasFixedPlace(output)) {
                    alternating.add(output);
                }
            } else {
                unpinned.add(output);
            }
        }
    }

    @Override
    public void run(TensorStore tensors) throws OrtException {
        for (String input : inputsOfRun) {
            fed.put(input, tensors.tensor(input));
        }
        for (String output : alternating) {
            pinned.put(output, tensors.tensor(output));
        }
        OrtSession.Result result = firstRun ? runFirst() : session.run(fed, unpinned, pinned);
        if (unpinned.isEmpty()) {
            result.close();
        } else {
            tensors.publish(result, unpinned);
            grownBytes = bytes(result);
        }
    }

    private long bytes(OrtSession.Result result) {
        long bytes = 0;
        for (String output : unpinned) {
            if (result.get(output).orElse(null) instanceof OnnxTensor tensor) {
                bytes += tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
            }
        }
        return bytes;
    }

    @Override
    public long grownBytes() {
        return grownBytes;
    }

    /**
     * ONNX Runtime allocates tensor by tensor in its first run and from then on takes all of them in one block, whose layout it
     * learnt in the first. What the first run left would stay beside that block for good, as much memory again.
     */
    private OrtSession.Result runFirst() throws OrtException {
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            OrtSession.Result result = session.run(fed, unpinned, pinned, options);
            firstRun = false;
            return result;
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
