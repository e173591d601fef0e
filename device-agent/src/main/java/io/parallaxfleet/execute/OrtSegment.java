package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
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
    private final SessionFactory sessions;
    private final OrtSession session;
    private final SharedArena.Lease arena;
    private final boolean oneBlock;
    /** Inputs that each run brings anew; the others lie at planned places and are fed once for good. */
    private final String[] inputsOfRun;
    private final Map<String, OnnxTensor> pinned = new HashMap<>();
    /** Outputs whose planned place is another in every run. */
    private final List<String> alternating = new ArrayList<>();
    private final Set<String> unpinned = new LinkedHashSet<>();
    private final String[] unpinnedNames;
    /** Where each unpinned output is in a result; learnt from the first. */
    private final int[] unpinnedPositions;
    private final Map<String, OnnxTensor> fed = new HashMap<>();
    private boolean firstRun = true;
    private long grownBytes;
    private long kernelStartNanos;
    private long kernelEndNanos;

    /**
     * Takes ownership of the session and of its lease.
     *
     * @param sessions what made the session
     * @param oneBlock as the session was opened
     */
    public OrtSegment(
            SessionFactory sessions, OrtSession session, SharedArena.Lease arena, boolean oneBlock, List<String> inputs, List<String> outputs,
            TensorStore tensors) {
        this.sessions = sessions;
        this.session = session;
        this.arena = arena;
        this.oneBlock = oneBlock;
        List<String> brought = new ArrayList<>();
        for (String input : inputs) {
            if (tensors.hasFixedPlace(input)) {
                fed.put(input, tensors.tensor(input));
            } else {
                tensors.expect(input);
                brought.add(input);
            }
        }
        inputsOfRun = brought.toArray(String[]::new);
        for (String output : outputs) {
            if (tensors.isPlanned(output)) {
                pinned.put(output, tensors.tensor(output));
                if (!tensors.hasFixedPlace(output)) {
                    alternating.add(output);
                }
            } else {
                tensors.expect(output);
                unpinned.add(output);
            }
        }
        unpinnedNames = unpinned.toArray(String[]::new);
        unpinnedPositions = new int[unpinnedNames.length];
    }

    @Override
    public void run(TensorStore tensors) throws OrtException {
        for (String input : inputsOfRun) {
            fed.put(input, tensors.tensor(input));
        }
        for (int output = 0; output < alternating.size(); output++) {
            pinned.put(alternating.get(output), tensors.tensor(alternating.get(output)));
        }
        kernelStartNanos = System.nanoTime();
        OrtSession.Result result = firstRun ? runFirst() : session.run(fed, unpinned, pinned);
        kernelEndNanos = System.nanoTime();
        if (unpinnedNames.length == 0) {
            result.close();
        } else {
            tensors.publish(result, unpinnedNames, unpinnedPositions);
            grownBytes = bytes(result);
        }
    }

    private long bytes(OrtSession.Result result) {
        long bytes = 0;
        for (int position : unpinnedPositions) {
            if (result.get(position) instanceof OnnxTensor tensor) {
                bytes += tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
            }
        }
        return bytes;
    }

    private void learnPositions(OrtSession.Result result) {
        int position = 0;
        for (Map.Entry<String, OnnxValue> output : result) {
            for (int name = 0; name < unpinnedNames.length; name++) {
                if (unpinnedNames[name].equals(output.getKey())) {
                    unpinnedPositions[name] = position;
                }
            }
            position++;
        }
    }

    @Override
    public void repeat() throws OrtException {
        session.run(fed, unpinned, pinned).close();
    }

    @Override
    public long kernelStartNanos() {
        return kernelStartNanos;
    }

    @Override
    public long kernelEndNanos() {
        return kernelEndNanos;
    }

    @Override
    public boolean holdsBetweenRuns() {
        return unpinnedNames.length > 0;
    }

    @Override
    public long grownBytes() {
        return grownBytes;
    }

    /**
     * Where a run takes one block, ONNX Runtime allocates tensor by tensor in its first and from then on takes all of them in one block, whose layout it
     * learnt in the first. What the first run left would stay beside that block for good, as much memory again.
     */
    private OrtSession.Result runFirst() throws OrtException {
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            if (oneBlock) {
                options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            }
            OrtSession.Result result = session.run(fed, unpinned, pinned, options);
            learnPositions(result);
            firstRun = false;
            return result;
        }
    }

    @Override
    public void close() throws OrtException {
        try {
            sessions.close(session);
        } finally {
            arena.close();
        }
    }
}
