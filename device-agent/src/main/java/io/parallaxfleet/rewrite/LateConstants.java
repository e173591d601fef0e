package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Large constants of a rewritten model. Their bytes are made when they are written, one constant at a time, into a file beside the model: a heap
 * that holds the agent need not hold a model's weights, and ONNX Runtime maps the file. Not thread-safe.
 */
final class LateConstants {
    /** Mapped from whole pages. */
    private static final long PAGE = 4096;

    private final Map<String, Late> constants = new LinkedHashMap<>();
    private long end;

    private record Late(TensorType type, Supplier<ByteBuffer> content, long offset) {}

    /** @param littleEndian asked at most once for each writing; position 0, limit at the type's size */
    void add(String name, TensorType type, Supplier<ByteBuffer> littleEndian) {
        constants.put(name, new Late(type, littleEndian, end));
        end = (end + type.bytes() + PAGE - 1) / PAGE * PAGE;
    }

    boolean isEmpty() {
        return constants.isEmpty();
    }

    boolean contains(String name) {
        return constants.containsKey(name);
    }

    /** Made anew by every call. */
    ByteBuffer content(String name) {
        return constants.get(name).content().get();
    }

    /** The tensor's entry in the model, whose bytes lie in a file of this name. */
    TensorProto declaration(String name, String file) {
        Late late = constants.get(name);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(late.type().elementType().onnxCode())
                .addAllDims(late.type().dimensions()).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        tensor.addExternalDataBuilder().setKey("location").setValue(file);
        tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(late.offset()));
        tensor.addExternalDataBuilder().setKey("length").setValue(Long.toString(late.type().bytes()));
        return tensor.build();
    }

    void writeTo(OutputStream out) throws IOException {
        WritableByteChannel channel = Channels.newChannel(out);
        long written = 0;
        for (Late late : constants.values()) {
            out.write(new byte[Math.toIntExact(late.offset() - written)]);
            channel.write(late.content().get());
            written = late.offset() + late.type().bytes();
        }
    }
}
