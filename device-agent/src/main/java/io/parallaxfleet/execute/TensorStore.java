package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors that cross the steps of one plan. Those with a planned offset lie in one direct buffer and are wrapped once;
 * those that only the run sizes are held from the step that makes them until the next run.
 *
 * <p>Steps that run side by side may read and publish at once; {@link #beginRun} and {@link #close} may not run beside them.
 */
public final class TensorStore implements AutoCloseable {
    private final Map<String, ByteBuffer> plannedBuffers = new HashMap<>();
    private final Map<String, OnnxTensor> planned = new HashMap<>();
    /** Places of the tensors without a planned one, made when the steps are opened, so that a run only fills them. */
    private final Map<String, Slot> slots = new HashMap<>();
    private final List<Slot> allSlots = new ArrayList<>();
    private final String[] inputs;
    private final Slot[] inputSlots;
    private final Optional<AlternatingTensors> handedOn;
    /** What this run made without a planned place. Guarded by itself. */
    private final List<OrtSession.Result> heldResults = new ArrayList<>();
    /** What the run before made, where this one may read it. */
    private final List<OrtSession.Result> resultsBefore = new ArrayList<>();

    /** Holds a tensor from when it is made until the next run. */
    private static final class Slot {
        private volatile OnnxTensor tensor;
    }

    /**
     * @param arena large enough for the plan and {@linkplain #alignedDirect aligned}; plans of which only one runs at a time may
     *     share one
     * @param offsets planned offset of each planned tensor
     * @param types their types
     * @param inputs what every run brings
     * @param handedOn types of what a run makes in places of their own for the next run to read, which also keeps what else the run
     *     before made; empty: runs have nothing to do with one another
     */
    public TensorStore(
            OrtEnvironment environment, ByteBuffer arena, Map<String, Long> offsets, Map<String, TensorType> types, List<String> inputs,
            Optional<Map<String, TensorType>> handedOn)
            throws OrtException {
        this.inputs = inputs.toArray(String[]::new);
        this.inputSlots = inputs.stream().map(this::slot).toArray(Slot[]::new);
        this.handedOn = handedOn.isPresent() ? Optional.of(new AlternatingTensors(environment, handedOn.get())) : Optional.empty();
        try {
            for (Map.Entry<String, Long> entry : offsets.entrySet()) {
                TensorType type = types.get(entry.getKey());
                ByteBuffer slice = arena.slice(Math.toIntExact(entry.getValue()), Math.toIntExact(type.bytes()))
                        .order(ByteOrder.nativeOrder());
                plannedBuffers.put(entry.getKey(), slice);
                planned.put(entry.getKey(),
                        OnnxTensor.createTensor(environment, slice, type.shape(), javaType(type.elementType()).orElseThrow()));
            }
        } catch (OrtException e) {
            close();
            throw e;
        }
    }

    /** A direct buffer whose address is a multiple of a cache line, so that planned offsets keep their alignment. */
    public static ByteBuffer alignedDirect(int bytes) {
        // An aligned slice is cut at both ends: up to 63 bytes go in front and up to 63 behind.
        return ByteBuffer.allocateDirect(bytes + 126).alignedSlice(64).slice(0, bytes).order(ByteOrder.nativeOrder());
    }

    /** ONNX Runtime's Java type; empty for element types that its Java API cannot wrap. */
    public static Optional<OnnxJavaType> javaType(ElementType type) {
        return switch (type) {
            case FLOAT -> Optional.of(OnnxJavaType.FLOAT);
            case UINT8 -> Optional.of(OnnxJavaType.UINT8);
            case INT8 -> Optional.of(OnnxJavaType.INT8);
            case INT16 -> Optional.of(OnnxJavaType.INT16);
            case INT32 -> Optional.of(OnnxJavaType.INT32);
            case INT64 -> Optional.of(OnnxJavaType.INT64);
            case BOOL -> Optional.of(OnnxJavaType.BOOL);
            case FLOAT16 -> Optional.of(OnnxJavaType.FLOAT16);
            case BFLOAT16 -> Optional.of(OnnxJavaType.BFLOAT16);
            case DOUBLE -> Optional.of(OnnxJavaType.DOUBLE);
            case UINT16, UINT32, UINT64 -> Optional.empty();
        };
    }

    /** Whether a tensor of this type can have a planned place: its size is known, not zero, and Java can wrap it. */
    public static boolean plannable(TensorType type) {
        return type.isStatic() && type.bytes() > 0 && type.bytes() <= Integer.MAX_VALUE / 2
                && javaType(type.elementType()).isPresent();
    }

    /** Forgets what the previous run made, but for what it hands on, and takes this run's inputs. */
    public void beginRun(Map<String, OnnxTensor> given) {
        if (handedOn.isPresent()) {
            handedOn.get().nextTurn();
            close(resultsBefore);
            for (int result = 0; result < heldResults.size(); result++) {
                resultsBefore.add(heldResults.get(result));
            }
            heldResults.clear();
            clearSlots();
        } else {
            releaseRun();
        }
        for (int input = 0; input < inputs.length; input++) {
            inputSlots[input].tensor = given.get(inputs[input]);
        }
    }

    private void clearSlots() {
        for (int slot = 0; slot < allSlots.size(); slot++) {
            allSlots.get(slot).tensor = null;
        }
    }

    /** The place of a tensor without a planned one. Not beside a run. */
    private Slot slot(String name) {
        return slots.computeIfAbsent(name, key -> {
            Slot made = new Slot();
            allSlots.add(made);
            return made;
        });
    }

    /** Whether the tensor has a place before a run makes it; it may be another in every run. */
    public boolean isPlanned(String tensor) {
        return hasFixedPlace(tensor) || alternates(tensor);
    }

    /** Whether it is the same place in every run. */
    boolean hasFixedPlace(String tensor) {
        return planned.containsKey(tensor);
    }

    private boolean alternates(String tensor) {
        return handedOn.isPresent() && handedOn.get().contains(tensor);
    }

    /**
     * The tensor as the steps before made it.
     *
     * @throws IllegalStateException when no step has made it and no input has this name
     */
    public OnnxTensor tensor(String name) {
        OnnxTensor found = planned.get(name);
        if (found == null && alternates(name)) {
            found = handedOn.get().tensor(name);
        }
        if (found == null) {
            Slot slot = slots.get(name);
            found = slot == null ? null : slot.tensor;
        }
        if (found == null) {
            throw new IllegalStateException("tensor '" + name + "' is neither an input of this run nor made by a step before");
        }
        return found;
    }

    /** The planned place of a tensor as raw bytes; empty for run-sized tensors and inputs. */
    public Optional<ByteBuffer> plannedBuffer(String name) {
        return Optional.ofNullable(placeOf(name));
    }

    /** Null for run-sized tensors and inputs: what a run asks for again and again makes no object. */
    ByteBuffer placeOf(String name) {
        return alternates(name) ? handedOn.get().buffer(name) : plannedBuffers.get(name);
    }

    /**
     * The bytes of a tensor in native order, position 0, limit at its size; to be read by position only. Its own place where it has one,
     * a view where Java reaches it, a copy otherwise.
     */
    public ByteBuffer content(String name) {
        ByteBuffer place = placeOf(name);
        return place == null ? bytesOf(tensor(name)) : place;
    }

    /** The first element of a tensor of numbers of one byte. */
    public byte firstByte(String name) {
        ByteBuffer place = placeOf(name);
        return place == null ? firstByte(tensor(name)) : place.get(0);
    }

    /** The first element of a tensor of INT64. */
    public long firstLong(String name) {
        ByteBuffer place = placeOf(name);
        return place == null ? firstLong(tensor(name)) : place.getLong(0);
    }

    /** The same of any tensor; ONNX Runtime copies it. */
    public static byte firstByte(OnnxTensor tensor) {
        return tensor.getByteBuffer().get(0);
    }

    /** The same of any tensor; ONNX Runtime copies it. */
    public static long firstLong(OnnxTensor tensor) {
        return tensor.getLongBuffer().get(0);
    }

    /** The bytes of any tensor. */
    public static ByteBuffer bytesOf(OnnxTensor tensor) {
        return directMemory(tensor).orElseGet(() -> tensor.getByteBuffer().order(ByteOrder.nativeOrder()));
    }

    /** The memory that a tensor was made over, where that is direct and byte-wise; a view, position 0, limit at its size. */
    static Optional<ByteBuffer> directMemory(OnnxTensor tensor) {
        long bytes = tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
        try {
            return tensor.getBufferRef().orElse(null) instanceof ByteBuffer held && held.isDirect() && held.remaining() == bytes
                    // The buffer is a duplicate already.
                    ? Optional.of((held.position() == 0 ? held : held.slice()).order(ByteOrder.nativeOrder()))
                    : Optional.empty();
        } catch (NullPointerException e) {
            // ONNX Runtime 1.29 duplicates a buffer that a tensor of its own does not have.
            return Optional.empty();
        }
    }

    /** Bytes of the places that a handed-on tensor of this type has. */
    public static long handedOnBytes(TensorType type) {
        return AlternatingTensors.bytes(type);
    }

    /**
     * Publishes run-sized outputs; the result is held until the next run.
     *
     * @param positions of the named tensors in the result
     */
    void publish(OrtSession.Result result, String[] names, int[] positions) {
        synchronized (heldResults) {
            heldResults.add(result);
        }
        for (int output = 0; output < names.length; output++) {
            if (result.get(positions[output]) instanceof OnnxTensor tensor) {
                slots.get(names[output]).tensor = tensor;
            } else {
                throw new IllegalStateException("output '" + names[output] + "' is not a dense tensor; sequences, maps and sparse tensors"
                        + " cannot cross branches: run this model in one session");
            }
        }
    }

    /** Makes a place for a tensor that {@link #publish(String, OnnxTensor)} will hand in. Not beside a run. */
    public void expect(String name) {
        slot(name);
    }

    /** Hands a tensor in that another store holds until the next run. */
    public void publish(String name, OnnxTensor tensor) {
        slots.get(name).tensor = tensor;
    }

    /** Forgets the inputs and what the last run made without a planned place. */
    public void releaseRun() {
        clearSlots();
        close(resultsBefore);
        synchronized (heldResults) {
            close(heldResults);
        }
    }

    private static void close(List<OrtSession.Result> results) {
        for (int result = 0; result < results.size(); result++) {
            results.get(result).close();
        }
        results.clear();
    }

    @Override
    public void close() {
        releaseRun();
        planned.values().forEach(OnnxTensor::close);
        planned.clear();
        plannedBuffers.clear();
        handedOn.ifPresent(AlternatingTensors::close);
    }
}
