package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.partition.Region;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A delegate region on the accelerator, fed from and writing to the planned places. */
public final class AcceleratorRegion implements StepKernel {
    private final Region region;
    private final CompiledRegion compiled;
    /** Staging for inputs that the caller holds in memory the accelerator cannot address. */
    private final Map<String, ByteBuffer> staging = new HashMap<>();
    /** Tensors of the last run without a planned place and their memory: a caller that brings the same ones again brings no new buffers. */
    private final OnnxTensor[] brought;
    private final ByteBuffer[] memoryOfBrought;
    private final List<ByteBuffer> inputs = new ArrayList<>();
    private final List<ByteBuffer> outputs = new ArrayList<>();
    private long kernelStartNanos;
    private long kernelEndNanos;

    /** Takes ownership of the compiled region. */
    public AcceleratorRegion(Region region, CompiledRegion compiled) {
        this.region = region;
        this.compiled = compiled;
        this.brought = new OnnxTensor[region.inputs().size()];
        this.memoryOfBrought = new ByteBuffer[region.inputs().size()];
    }

    @Override
    public void run(TensorStore tensors) {
        inputs.clear();
        for (int input = 0; input < region.inputs().size(); input++) {
            inputs.add(input(input, tensors));
        }
        outputs.clear();
        for (int output = 0; output < region.outputs().size(); output++) {
            outputs.add(output(region.outputs().get(output), tensors));
        }
        kernelStartNanos = System.nanoTime();
        compiled.run(inputs, outputs);
        kernelEndNanos = System.nanoTime();
    }

    private ByteBuffer input(int position, TensorStore tensors) {
        String name = region.inputs().get(position);
        ByteBuffer planned = tensors.placeOf(name);
        if (planned != null) {
            return planned;
        }
        OnnxTensor tensor = tensors.tensor(name);
        if (tensor != brought[position]) {
            brought[position] = tensor;
            memoryOfBrought[position] = TensorStore.directMemory(tensor).orElse(null);
        }
        return memoryOfBrought[position] == null ? stage(name, tensor) : memoryOfBrought[position];
    }

    private static ByteBuffer output(String name, TensorStore tensors) {
        ByteBuffer planned = tensors.placeOf(name);
        if (planned == null) {
            throw new IllegalStateException("region output '" + name + "' has no planned place");
        }
        return planned;
    }

    @Override
    public void repeat() {
        compiled.run(inputs, outputs);
    }

    @Override
    public long kernelStartNanos() {
        return kernelStartNanos;
    }

    @Override
    public long kernelEndNanos() {
        return kernelEndNanos;
    }

    private ByteBuffer stage(String name, OnnxTensor tensor) {
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
