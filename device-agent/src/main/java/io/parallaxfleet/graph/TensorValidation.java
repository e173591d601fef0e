package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.TypeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks what tensors claim to be against what the file, or the files beside it, hold. Reads no content. */
final class TensorValidation {
    private static final int HIGHEST_RANK = 64;
    /** 1 TiB: more than any device holds; below it, sums over all tensors of a graph fit a {@code long}. */
    private static final long MOST_BYTES = 1L << 40;
    private static final int STRING_TYPE = 8;
    /** Bits of an element by ONNX type code, for types that are not {@link ElementType}s: complex, float8, 4 and 2 bits. */
    private static final Map<Integer, Integer> OTHER_BITS = Map.ofEntries(Map.entry(14, 64), Map.entry(15, 128), Map.entry(17, 8),
            Map.entry(18, 8), Map.entry(19, 8), Map.entry(20, 8), Map.entry(21, 4), Map.entry(22, 4), Map.entry(23, 4),
            Map.entry(24, 8), Map.entry(25, 2), Map.entry(26, 2));

    private final Path path;
    private final Map<Path, Long> sizes = new HashMap<>();

    TensorValidation(Path path) {
        this.path = path;
    }

    private ModelFormatException refusal(String what) {
        return new ModelFormatException("'" + path + "': " + what);
    }

    void checkInitializer(TensorProto tensor) {
        if (tensor.getName().isEmpty()) {
            throw refusal("an initialiser of the shape " + tensor.getDimsList() + " has no name; export the model again");
        }
        check(tensor, "the initialiser '" + tensor.getName() + "'");
    }

    /** @param where how to name the tensor in a message */
    void check(TensorProto tensor, String where) {
        long elements = elements(tensor.getDimsList(), where);
        int type = tensor.getDataType();
        if (type == STRING_TYPE) {
            requireCount(where, "strings", tensor.getStringDataCount(), elements);
            return;
        }
        Integer bits = ElementType.ofOnnxCode(type).map(known -> known.bytes() * 8).orElse(OTHER_BITS.get(type));
        if (bits == null) {
            throw refusal(where + " is of type " + TensorTypes.name(type) + ", which the format does not have; export the model again");
        }
        long bytes = Math.floorDiv(elements * bits + 7, 8);
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            if (bytes > TensorType.MOST_BYTES) {
                throw refusal(where + " takes " + bytes + " bytes, more than the 2 GiB of a tensor; split it, or export it in a smaller type");
            }
            checkExternal(tensor, bytes, where);
        } else if (tensor.hasRawData()) {
            requireCount(where, "bytes", tensor.getRawData().size(), bytes);
        } else {
            checkTyped(tensor, bits, elements, where);
        }
    }

    private void requireCount(String where, String what, long held, long needed) {
        if (held != needed) {
            throw refusal(where + " has " + held + " " + what + " where its shape needs " + needed + "; export the model again");
        }
    }

    private void checkTyped(TensorProto tensor, int bits, long elements, String where) {
        int type = tensor.getDataType();
        long held = switch (type) {
            case 1 -> tensor.getFloatDataCount();
            case 7 -> tensor.getInt64DataCount();
            case 11 -> tensor.getDoubleDataCount();
            case 12, 13 -> tensor.getUint64DataCount();
            case 14 -> tensor.getFloatDataCount() / 2;
            case 15 -> tensor.getDoubleDataCount() / 2;
            default -> tensor.getInt32DataCount();
        };
        // Types below a byte are packed, a byte an entry.
        requireCount(where, "entries", held, bits < 8 ? Math.floorDiv(elements * bits + 7, 8) : elements);
        if (elements * bits / 8 > Integer.MAX_VALUE) {
            throw refusal(where + " is larger than 2 GiB inside the file; export the model with external data");
        }
    }

    private void checkExternal(TensorProto tensor, long bytes, String where) {
        ExternalData data = ExternalData.of(path, tensor);
        long available = sizes.computeIfAbsent(data.file(), file -> size(file, where));
        if (data.length().orElse(bytes) != bytes || data.offset() > available - bytes) {
            throw refusal("'" + data.file().getFileName() + "' does not hold the " + bytes + " bytes of " + where + " at offset "
                    + data.offset() + "; copy the model and its weights again");
        }
    }

    private long size(Path file, String where) {
        try {
            if (!Files.isRegularFile(file)) {
                throw refusal("the weights of " + where + " should lie in '" + file
                        + "', which is no file there; put that file beside the model");
            }
            // A link is a way out of the folder, as an absolute path is.
            if (!file.toRealPath().startsWith(path.toAbsolutePath().getParent().toRealPath())) {
                throw refusal("the weights of " + where + " lie at '" + file + "', which is a link to '" + file.toRealPath()
                        + "', outside the model's folder; put a copy beside the model");
            }
            return Files.size(file);
        } catch (IOException e) {
            throw new ModelFormatException("'" + path + "': the weights of " + where + " should lie in '" + file
                    + "', which cannot be read; put that file beside the model", e);
        }
    }

    /** An input, output or intermediate tensor's stated type. */
    void checkInfo(ValueInfoProto info) {
        checkType(info.getType(), "the tensor '" + info.getName() + "'", 0);
    }

    private void checkType(TypeProto type, String where, int depth) {
        if (depth > 8) {
            throw refusal(where + " is nested too deep; export the model again");
        }
        switch (type.getValueCase()) {
            case TENSOR_TYPE -> checkTensor(type.getTensorType(), where);
            case SPARSE_TENSOR_TYPE -> throw refusal(where + " is sparse; export the model with dense tensors");
            case SEQUENCE_TYPE -> checkType(type.getSequenceType().getElemType(), where, depth + 1);
            case OPTIONAL_TYPE -> checkType(type.getOptionalType().getElemType(), where, depth + 1);
            case MAP_TYPE -> checkType(type.getMapType().getValueType(), where, depth + 1);
            case VALUE_NOT_SET -> {
                // Types may be left to inference.
            }
        }
    }

    private void checkTensor(TypeProto.Tensor tensor, String where) {
        int code = tensor.getElemType();
        if (code != 0 && code != STRING_TYPE && ElementType.ofOnnxCode(code).isEmpty() && !OTHER_BITS.containsKey(code)) {
            throw refusal(where + " is of type " + TensorTypes.name(code) + ", which the format does not have; export the model again");
        }
        List<Long> stated = tensor.getShape().getDimList().stream().filter(TensorShapeProto.Dimension::hasDimValue)
                // Some exporters write -1 for "unknown".
                .map(TensorShapeProto.Dimension::getDimValue).filter(value -> value != -1).toList();
        if (tensor.getShape().getDimCount() > HIGHEST_RANK) {
            throw refusal(where + " has " + tensor.getShape().getDimCount() + " dimensions; export the model again");
        }
        elements(stated, where);
    }

    private long elements(List<Long> dimensions, String where) {
        if (dimensions.size() > HIGHEST_RANK) {
            throw refusal(where + " has " + dimensions.size() + " dimensions; export the model again");
        }
        long elements = 1;
        for (long dimension : dimensions) {
            if (dimension < 0) {
                throw refusal(where + " has the shape " + dimensions + "; a dimension is not negative; export the model again");
            }
            // An empty tensor may not hide an absurd dimension either: others multiply the rest of them.
            if (dimension > MOST_BYTES || Math.max(elements, 1) * Math.max(dimension, 1) / Math.max(dimension, 1) != Math.max(elements, 1)
                    || Math.max(elements, 1) * Math.max(dimension, 1) > MOST_BYTES) {
                throw refusal(where + " has the shape " + dimensions + ", more elements than any device holds; export the model again");
            }
            elements = Math.max(elements, 1) * Math.max(dimension, 1);
        }
        return dimensions.contains(0L) ? 0 : elements;
    }
}
