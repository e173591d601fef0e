package io.parallaxfleet.graph;

import java.util.Optional;

/** Tensor element types by their ONNX {@code TensorProto.DataType} code. */
public enum ElementType {
    FLOAT(1, 4),
    UINT8(2, 1),
    INT8(3, 1),
    UINT16(4, 2),
    INT16(5, 2),
    INT32(6, 4),
    INT64(7, 8),
    BOOL(9, 1),
    FLOAT16(10, 2),
    DOUBLE(11, 8),
    UINT32(12, 4),
    UINT64(13, 8),
    BFLOAT16(16, 2);

    private final int onnxCode;
    private final int bytes;

    ElementType(int onnxCode, int bytes) {
        this.onnxCode = onnxCode;
        this.bytes = bytes;
    }

    public int onnxCode() {
        return onnxCode;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The type of an ONNX code; empty for strings, complex and packed sub-byte types, which have no fixed element size. */
    public static Optional<ElementType> ofOnnxCode(int code) {
        for (ElementType type : values()) {
            if (type.onnxCode == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
