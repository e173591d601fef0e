package io.parallaxfleet.check.fuzz;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Models of one operator in which one number that the operator takes as an attribute or a small constant, or a whole list of them, is
 * an extreme one.
 */
final class ExtremeNumbers {
    private static final List<Long> WHOLE = List.of(0L, -1L, 1L << 20, (1L << 31) - 1, 1L << 31, (1L << 32) + 1, 1L << 40, 1L << 62,
            (long) Integer.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
    private static final List<Float> REAL = List.of(0f, -1f, 1e10f, 1e30f, Float.MIN_VALUE, Float.NaN, Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY);
    private static final int MOST_ELEMENTS = 9;
    private static final int INT64 = ElementType.INT64.onnxCode();
    private static final int INT32 = ElementType.INT32.onnxCode();
    private static final int FLOAT = ElementType.FLOAT.onnxCode();

    private final String name;
    private final ModelProto seed;
    private final List<Mutant> mutants = new ArrayList<>();

    /** @param what the operator, what of it was changed and to what */
    record Mutant(String what, ModelProto model) {}

    private ExtremeNumbers(String name, ModelProto seed) {
        this.name = name;
        this.seed = seed;
    }

    /** Of every operator. */
    static List<Mutant> all() {
        List<Mutant> mutants = new ArrayList<>();
        OperatorSeeds.all().forEach((name, seed) -> mutants.addAll(of(name, seed)));
        return mutants;
    }

    static List<Mutant> of(String name, ModelProto seed) {
        ExtremeNumbers numbers = new ExtremeNumbers(name, seed);
        NodeProto node = seed.getGraph().getNode(0);
        for (int attribute = 0; attribute < node.getAttributeCount(); attribute++) {
            numbers.change(attribute, node.getAttribute(attribute));
        }
        for (int tensor = 0; tensor < seed.getGraph().getInitializerCount(); tensor++) {
            numbers.change(tensor, seed.getGraph().getInitializer(tensor));
        }
        return numbers.mutants;
    }

    private void change(int index, AttributeProto attribute) {
        switch (attribute.getType()) {
            case INT -> WHOLE.forEach(value -> add(index, attribute.toBuilder().setI(value), "", value));
            case FLOAT -> REAL.forEach(value -> add(index, attribute.toBuilder().setF(value), "", value));
            case INTS -> WHOLE.forEach(value -> {
                AttributeProto.Builder all = attribute.toBuilder();
                for (int i = 0; i < attribute.getIntsCount(); i++) {
                    add(index, attribute.toBuilder().setInts(i, value), "[" + i + "]", value);
                    all.setInts(i, value);
                }
                add(index, all, "[*]", value);
            });
            case FLOATS -> REAL.forEach(value -> {
                for (int i = 0; i < attribute.getFloatsCount(); i++) {
                    add(index, attribute.toBuilder().setFloats(i, value), "[" + i + "]", value);
                }
            });
            case UNDEFINED, STRING, TENSOR, GRAPH, STRINGS, TENSORS, GRAPHS, SPARSE_TENSOR, TYPE_PROTO, SPARSE_TENSORS, TYPE_PROTOS -> {
                // No numbers.
            }
        }
    }

    private void add(int index, AttributeProto.Builder attribute, String where, Object value) {
        ModelProto.Builder model = seed.toBuilder();
        model.getGraphBuilder().getNodeBuilder(0).setAttribute(index, attribute);
        mutants.add(new Mutant(name + " " + attribute.getName() + where + "=" + value, model.build()));
    }

    private void change(int index, TensorProto tensor) {
        int width = tensor.getDataType() == INT64 ? Long.BYTES : Integer.BYTES;
        int elements = tensor.getRawData().size() / width;
        if (elements > MOST_ELEMENTS) {
            return;
        }
        if (tensor.getDataType() == INT64 || tensor.getDataType() == INT32) {
            for (long value : WHOLE) {
                if (width == Long.BYTES || value == (int) value) {
                    set(index, tensor, elements, value, (raw, i) -> putWhole(raw, width, i, value));
                }
            }
        } else if (tensor.getDataType() == FLOAT) {
            for (float value : REAL) {
                set(index, tensor, elements, value, (raw, i) -> raw.putFloat(Float.BYTES * i, value));
            }
        }
    }

    private static void putWhole(ByteBuffer raw, int width, int index, long value) {
        if (width == Long.BYTES) {
            raw.putLong(Long.BYTES * index, value);
        } else {
            raw.putInt(Integer.BYTES * index, (int) value);
        }
    }

    private interface Element {
        void put(ByteBuffer raw, int index);
    }

    private void set(int index, TensorProto tensor, int elements, Object value, Element element) {
        ByteBuffer all = copy(tensor);
        for (int i = 0; i < elements; i++) {
            ByteBuffer one = copy(tensor);
            element.put(one, i);
            element.put(all, i);
            add(index, tensor, one, "[" + i + "]", value);
        }
        if (elements > 1) {
            add(index, tensor, all, "[*]", value);
        }
    }

    private static ByteBuffer copy(TensorProto tensor) {
        return ByteBuffer.wrap(tensor.getRawData().toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void add(int index, TensorProto tensor, ByteBuffer raw, String where, Object value) {
        ModelProto.Builder model = seed.toBuilder();
        model.getGraphBuilder().setInitializer(index, tensor.toBuilder().setRawData(ByteString.copyFrom(raw)));
        mutants.add(new Mutant(name + " input " + tensor.getName().substring(1) + where + "=" + value, model.build()));
    }
}
