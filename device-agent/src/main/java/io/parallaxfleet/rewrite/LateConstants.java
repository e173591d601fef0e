package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Large constants of a rewritten model, which lie in a file beside it: ONNX Runtime maps them from there, where it would read those inside a
 * model into memory twice. Their bytes are made when they are written, one constant at a time: a heap that holds the agent need not hold a
 * model's weights. Not thread-safe.
 */
final class LateConstants {
    /** Mapped from whole pages. */
    private static final long PAGE = 4096;

    private final Map<String, Late> constants = new LinkedHashMap<>();

    private record Late(TensorType type, Supplier<ByteBuffer> content) {}

    /** @param littleEndian position 0, limit at the type's size */
    void add(String name, TensorType type, Supplier<ByteBuffer> littleEndian) {
        constants.put(name, new Late(type, littleEndian));
    }

    /** Whether a constant of that size is better off outside the model. */
    static boolean isLarge(TensorType type) {
        return type.bytes() >= PAGE;
    }

    boolean contains(String name) {
        return constants.containsKey(name);
    }

    /** Made anew by every call. */
    ByteBuffer content(String name) {
        return constants.get(name).content().get();
    }

    /** The tensor's entry in a model that is not written yet. */
    TensorProto.Builder declaration(String name) {
        Late late = constants.get(name);
        return TensorProto.newBuilder().setName(name).setDataType(late.type().elementType().onnxCode())
                .addAllDims(late.type().dimensions()).setDataLocation(TensorProto.DataLocation.EXTERNAL);
    }

    /** The same in a model beside which the constant lies at an offset of a file. */
    TensorProto declaration(String name, String file, long offset) {
        TensorProto.Builder tensor = declaration(name);
        tensor.addExternalDataBuilder().setKey("location").setValue(file);
        tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(offset));
        tensor.addExternalDataBuilder().setKey("length").setValue(Long.toString(constants.get(name).type().bytes()));
        return tensor.build();
    }

    /** Where each of some constants lies in one file. */
    Map<String, Long> offsets(Collection<String> names) {
        Map<String, Long> offsets = new LinkedHashMap<>();
        long end = 0;
        for (String name : names) {
            offsets.put(name, end);
            end = (end + constants.get(name).type().bytes() + PAGE - 1) / PAGE * PAGE;
        }
        return offsets;
    }

    /** @param offsets as {@link #offsets} answered them */
    void writeTo(OutputStream out, Map<String, Long> offsets) throws IOException {
        WritableByteChannel channel = Channels.newChannel(out);
        long written = 0;
        for (Map.Entry<String, Long> constant : offsets.entrySet()) {
            out.write(new byte[Math.toIntExact(constant.getValue() - written)]);
            channel.write(content(constant.getKey()));
            written = constant.getValue() + constants.get(constant.getKey()).type().bytes();
        }
    }
}
