package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.host.FileFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Bytes of initialisers: inside the file, in typed fields, or in files beside it, which are mapped and not read. */
final class InitializerData implements ConstantSource {
    private final Path model;
    private final Map<String, TensorProto> initializers;
    private final Map<String, ExternalData> external = new HashMap<>();

    /** Checks all external data, so that a missing file shows before anything runs. */
    InitializerData(Path model, Map<String, TensorProto> initializers) {
        this.model = model;
        this.initializers = initializers;
        Map<Path, Long> sizes = new HashMap<>();
        initializers.forEach((name, tensor) -> {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                ExternalData data = ExternalData.of(model, tensor);
                long available = sizes.computeIfAbsent(data.file(), file -> size(name, file));
                if (data.offset() + bytes(name) > available || data.length().orElse(bytes(name)) != bytes(name)) {
                    throw new ModelFormatException("'" + model + "': '" + data.file().getFileName() + "' does not hold the "
                            + bytes(name) + " bytes of '" + name + "' at offset " + data.offset()
                            + "; copy the model and its weights again");
                }
                external.put(name, data);
            }
        });
    }

    @Override
    public ByteBuffer constant(String tensor) {
        TensorProto data = initializers.get(tensor);
        if (data == null) {
            throw new IllegalArgumentException("'" + model + "' has no initialiser '" + tensor + "'");
        }
        ExternalData outside = external.get(tensor);
        if (outside != null) {
            return map(outside, bytes(tensor));
        }
        ByteBuffer content = data.hasRawData() ? data.getRawData().asReadOnlyByteBuffer() : typed(data);
        if (content.remaining() != bytes(tensor)) {
            throw new ModelFormatException("'" + model + "': the initialiser '" + tensor + "' has " + content.remaining()
                    + " bytes where its shape needs " + bytes(tensor) + "; export the model again");
        }
        return content.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private long bytes(String tensor) {
        return TensorTypes.of(initializers.get(tensor))
                .orElseThrow(() -> new ModelFormatException("'" + model + "': the initialiser '" + tensor + "' is of type "
                        + TensorTypes.name(initializers.get(tensor).getDataType()) + ", which has no fixed size"))
                .bytes();
    }

    private long size(String tensor, Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new ModelFormatException("'" + model + "': the weights of '" + tensor + "' should lie in '" + file
                    + "', which cannot be read; put that file beside the model", e);
        }
    }

    private ByteBuffer map(ExternalData data, long bytes) {
        try (FileChannel file = FileChannel.open(data.file(), StandardOpenOption.READ)) {
            return file.map(FileChannel.MapMode.READ_ONLY, data.offset(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new ModelFormatException("'" + data.file() + "' cannot be read (" + FileFailure.reason(e) + ")", e);
        }
    }

    /** Typed fields: small types share the int32 field, one entry an element. */
    private static ByteBuffer typed(TensorProto data) {
        ElementType type = ElementType.ofOnnxCode(data.getDataType()).orElseThrow();
        int elements = switch (type) {
            case FLOAT -> data.getFloatDataCount();
            case DOUBLE -> data.getDoubleDataCount();
            case INT64 -> data.getInt64DataCount();
            case UINT32, UINT64 -> data.getUint64DataCount();
            case UINT8, INT8, UINT16, INT16, INT32, BOOL, FLOAT16, BFLOAT16 -> data.getInt32DataCount();
        };
        ByteBuffer content = ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            switch (type) {
                case FLOAT -> content.putFloat(data.getFloatData(i));
                case DOUBLE -> content.putDouble(data.getDoubleData(i));
                case INT64 -> content.putLong(data.getInt64Data(i));
                case UINT64 -> content.putLong(data.getUint64Data(i));
                case UINT32 -> content.putInt((int) data.getUint64Data(i));
                case INT32 -> content.putInt(data.getInt32Data(i));
                case UINT16, INT16, FLOAT16, BFLOAT16 -> content.putShort((short) data.getInt32Data(i));
                case UINT8, INT8, BOOL -> content.put((byte) data.getInt32Data(i));
            }
        }
        return content.flip().asReadOnlyBuffer();
    }
}
