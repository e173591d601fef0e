package io.parallaxfleet.rewrite;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/** Reads operators of the file format. */
final class NodeReading {
    static final String MICROSOFT = "com.microsoft";

    private NodeReading() {}

    static boolean isStandard(NodeProto node, String type) {
        return (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx")) && node.getOpType().equals(type);
    }

    static boolean isMicrosoft(NodeProto node, String type) {
        return node.getDomain().equals(MICROSOFT) && node.getOpType().equals(type);
    }

    /** The input at a position; empty where it is left out. */
    static Optional<String> input(NodeProto node, int position) {
        return position < node.getInputCount() && !node.getInput(position).isEmpty() ? Optional.of(node.getInput(position)) : Optional.empty();
    }

    /** Whether every output but the first is left out. */
    static boolean hasOneOutput(NodeProto node) {
        return node.getOutputList().stream().skip(1).allMatch(String::isEmpty);
    }

    static long integer(NodeProto node, String attribute, long otherwise) {
        return find(node, attribute).map(AttributeProto::getI).orElse(otherwise);
    }

    static float real(NodeProto node, String attribute, float otherwise) {
        return find(node, attribute).map(AttributeProto::getF).orElse(otherwise);
    }

    /** The list of an attribute; empty where it is left out. */
    static List<Long> integers(NodeProto node, String attribute) {
        return find(node, attribute).map(AttributeProto::getIntsList).orElse(List.of());
    }

    static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    static AttributeProto attribute(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value).build();
    }

    static String text(NodeProto node, String attribute, String otherwise) {
        return find(node, attribute).map(found -> found.getS().toStringUtf8()).orElse(otherwise);
    }

    static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
    }

    static AttributeProto attribute(String name, List<Long> values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS).addAllInts(values).build();
    }

    static AttributeProto attribute(String name, float first, float second) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOATS).addFloats(first).addFloats(second).build();
    }

    private static Optional<AttributeProto> find(NodeProto node, String attribute) {
        return node.getAttributeList().stream().filter(found -> found.getName().equals(attribute)).findFirst();
    }
}
