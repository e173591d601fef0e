package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.opencl.Storage.View;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A region while it is compiled: where its tensors lie and which kernels run, in order. Lowerings read, write and alias
 * tensors here; nothing touches the device. Confined to one thread.
 */
final class RegionDraft {
    /** Content of a constant storage, made when it is uploaded. */
    record Upload(Storage storage, Supplier<ByteBuffer> content) {}

    /** A tensor that is written as part of a larger one: what makes concatenation free. */
    record Placement(String whole, int offset) {}

    private final ModelGraph graph;
    private final ConstantSource constants;
    private final DeviceTraits traits;
    private final Map<String, Placement> placements;
    private final Map<String, View> tensors = new HashMap<>();
    private final Map<String, View> constantViews = new HashMap<>();
    private final List<Upload> uploads = new ArrayList<>();
    private final List<Storage> scratch = new ArrayList<>();
    private final List<Launch> launches = new ArrayList<>();

    RegionDraft(
            ModelGraph graph,
            ConstantSource constants,
            DeviceTraits traits,
            List<String> inputs,
            Map<String, Placement> placements) {
        this.graph = graph;
        this.constants = constants;
        this.traits = traits;
        this.placements = placements;
        for (int i = 0; i < inputs.size(); i++) {
            tensors.put(inputs.get(i), new Storage(elements(inputs.get(i)), Storage.Kind.INPUT, i).whole());
        }
    }

    DeviceTraits traits() {
        return traits;
    }

    List<Launch> launches() {
        return launches;
    }

    List<Upload> uploads() {
        return uploads;
    }

    List<Storage> scratchStorages() {
        return scratch;
    }

    private int elements(String tensor) {
        return Math.toIntExact(graph.type(tensor).map(TensorType::elements).orElseThrow(() ->
                new IllegalArgumentException("the shape of '" + tensor + "' is not known")));
    }

    /** A tensor that exists: an input, a result of an earlier launch, or an initialiser, which is then uploaded. */
    View read(String tensor) {
        View known = tensors.get(tensor);
        if (known != null) {
            return known;
        }
        if (!graph.isInitializer(tensor)) {
            throw new IllegalStateException("'" + tensor + "' is read before it is written");
        }
        return constant("tensor " + tensor, elements(tensor), () -> constants.constant(tensor));
    }

    /** Memory for a result: its own, or its place in the tensor that it is concatenated into. */
    View write(String tensor) {
        View known = tensors.get(tensor);
        if (known != null) {
            return known;
        }
        Placement placement = placements.get(tensor);
        View view = placement == null
                ? scratch(elements(tensor))
                : write(placement.whole()).part(placement.offset(), elements(tensor));
        tensors.put(tensor, view);
        return view;
    }

    /** Lets a tensor be the same memory as another. */
    void alias(String tensor, View view) {
        tensors.put(tensor, view);
    }

    /** Memory that one launch writes and a later one reads. */
    View scratch(int elements) {
        Storage storage = new Storage(elements, Storage.Kind.SCRATCH, 0);
        scratch.add(storage);
        return storage.whole();
    }

    /** A constant in device memory; {@code key} names its content, and equal keys share it. */
    View constant(String key, int elements, Supplier<ByteBuffer> content) {
        return constantViews.computeIfAbsent(key, name -> {
            Storage storage = new Storage(elements, Storage.Kind.CONSTANT, 0);
            uploads.add(new Upload(storage, content));
            return storage.whole();
        });
    }

    View floatConstant(String key, int elements, Supplier<float[]> content) {
        return constant(key, elements, () -> {
            float[] values = content.get();
            ByteBuffer buffer = direct(values.length);
            buffer.asFloatBuffer().put(values);
            return buffer;
        });
    }

    View integerConstant(int[] values) {
        return constant("integers " + java.util.Arrays.toString(values), values.length, () -> {
            ByteBuffer buffer = direct(values.length);
            buffer.asIntBuffer().put(values);
            return buffer;
        });
    }

    private static ByteBuffer direct(int elements) {
        return ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
    }

    /** The values of a constant float tensor. */
    FloatBuffer floats(String tensor) {
        return constants.constant(tensor).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    /** The value of a constant float tensor of one element; empty for anything else. */
    Optional<Float> scalar(String tensor) {
        boolean scalar = graph.isInitializer(tensor)
                && graph.type(tensor).filter(type -> type.elementType() == ElementType.FLOAT && type.elements() == 1).isPresent();
        return scalar ? Optional.of(floats(tensor).get(0)) : Optional.empty();
    }

    /** The values of a constant INT64 or INT32 tensor. */
    long[] integers(String tensor) {
        ByteBuffer bytes = constants.constant(tensor).order(ByteOrder.LITTLE_ENDIAN);
        TensorType type = graph.type(tensor).orElseThrow();
        long[] values = new long[Math.toIntExact(type.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.elementType() == ElementType.INT32 ? bytes.getInt(4 * i) : bytes.getLong(8 * i);
        }
        return values;
    }

    void launch(Launch launch) {
        int position = launches.size();
        launches.add(launch);
        for (Launch.Argument argument : launch.arguments()) {
            if (argument instanceof Launch.Argument.Memory memory) {
                memory.view().storage().touch(position);
            }
        }
    }

    /**
     * Makes sure that each region output is a storage of its own, so that it can be the caller's memory; copies what is part
     * of, or the same as, something else.
     */
    void claimOutputs(List<String> outputs) {
        for (int i = 0; i < outputs.size(); i++) {
            View view = read(outputs.get(i));
            if (view.coversStorage() && view.storage().kind() == Storage.Kind.SCRATCH) {
                scratch.remove(view.storage());
                view.storage().becomeOutput(i);
            } else {
                View own = new Storage(view.elements(), Storage.Kind.OUTPUT, i).whole();
                StridedCopy.contiguous(view, own).launch("output " + outputs.get(i), this);
            }
        }
    }
}
