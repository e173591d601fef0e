package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.TypeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Translates tensor types from and to the file format. */
public final class TensorTypes {
    private static final List<String> ONNX_NAMES = List.of(
            "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double",
            "uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
            "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2");

    private TensorTypes() {}

    /**
     * The type of an input, output or intermediate tensor; empty where it is no dense tensor, its rank is not stated or its
     * elements have no fixed size. Dimensions without a value are {@link TensorType#DYNAMIC}.
     */
    public static Optional<TensorType> of(ValueInfoProto info) {
        if (!info.getType().hasTensorType() || !info.getType().getTensorType().hasShape()) {
            return Optional.empty();
        }
        TypeProto.Tensor tensor = info.getType().getTensorType();
        List<Long> dimensions = new ArrayList<>();
        for (TensorShapeProto.Dimension dimension : tensor.getShape().getDimList()) {
            // Some exporters write -1 for "unknown".
            dimensions.add(dimension.hasDimValue() && dimension.getDimValue() >= 0 ? dimension.getDimValue() : TensorType.DYNAMIC);
        }
        return ElementType.ofOnnxCode(tensor.getElemType()).map(type -> new TensorType(type, dimensions));
    }

    /** The type of an initialiser; empty where its elements have no fixed size. */
    public static Optional<TensorType> of(TensorProto tensor) {
        return ElementType.ofOnnxCode(tensor.getDataType()).map(type -> new TensorType(type, tensor.getDimsList()));
    }

    /** Describes a tensor for the file; dynamic dimensions are left without a value. */
    public static ValueInfoProto info(String tensor, TensorType type) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dimension : type.dimensions()) {
            TensorShapeProto.Dimension.Builder entry = shape.addDimBuilder();
            if (dimension != TensorType.DYNAMIC) {
                entry.setDimValue(dimension);
            }
        }
        TypeProto.Builder value = TypeProto.newBuilder();
        value.getTensorTypeBuilder().setElemType(type.elementType().onnxCode()).setShape(shape);
        return ValueInfoProto.newBuilder().setName(tensor).setType(value).build();
    }

    /** The format's name of an element type code. */
    public static String name(int onnxCode) {
        return onnxCode >= 0 && onnxCode < ONNX_NAMES.size() ? ONNX_NAMES.get(onnxCode) : "type " + onnxCode;
    }
}
