package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.partition.Region;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A delegate region on the accelerator, fed from and writing to the planned places. */
public final class AcceleratorRegion implements StepKernel {
    private final Region region;
    private final CompiledRegion compiled;
    /** Staging for inputs that the caller holds in memory the accelerator cannot address. */
    private final Map<String, ByteBuffer> staging = new HashMap<>();

    /** Takes ownership of the compiled region. */
    public AcceleratorRegion(Region region, CompiledRegion compiled) {
        this.region = region;
        this.compiled = compiled;
    }

    @Override
    public void run(TensorStore tensors) {
        List<ByteBuffer> inputs = new ArrayList<>(region.inputs().size());
        for (String input : region.inputs()) {
            inputs.add(tensors.plannedBuffer(input).orElseGet(() -> stage(input, tensors.tensor(input))));
        }
        List<ByteBuffer> outputs = new ArrayList<>(region.outputs().size());
        for (String output : region.outputs()) {
            outputs.add(tensors.plannedBuffer(output).orElseThrow(
                    () -> new IllegalStateException("region output '" + output + "' has no planned place")));
        }
        compiled.run(inputs, outputs);
    }

    private ByteBuffer stage(String name, OnnxTensor tensor) {
        Optional<ByteBuffer> held = TensorStore.directMemory(tensor);
        if (held.isPresent()) {
            return held.get();
        }
        ByteBuffer content = tensor.getByteBuffer();
        ByteBuffer stage = staging.computeIfAbsent(name, key -> TensorStore.alignedDirect(content.remaining()));
        stage.clear();
        stage.put(content);
        return stage.flip();
    }

    @Override
    public void close() {
        compiled.close();
    }
}
