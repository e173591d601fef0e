package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.OperatorSetIdProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes what a {@link GraphEditor} holds as a model of the file format. */
final class EditedModel {
    private EditedModel() {}

    /**
     * @param original whose inputs, outputs and all else stay
     * @param initializers those that nobody reads are left out
     * @param types of tensors inside the graph
     * @throws io.parallaxfleet.graph.ModelFormatException when it is no model
     */
    static ModelProto of(OnnxModel original, Collection<NodeProto> nodes, Collection<TensorProto> initializers, Map<String, TensorType> types) {
        Set<String> read = original.outputs().stream().map(ValueInfoProto::getName).collect(Collectors.toCollection(HashSet::new));
        nodes.forEach(node -> read.addAll(Captures.reads(node)));
        GraphProto.Builder graph = original.proto().getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
        initializers.stream().filter(tensor -> read.contains(tensor.getName())).forEach(graph::addInitializer);
        graph.addAllNode(nodes);
        types.forEach((tensor, type) -> graph.addValueInfo(TensorTypes.info(tensor, type)));
        ModelProto.Builder built = original.proto().toBuilder().setGraph(graph);
        importDomains(built, nodes);
        OnnxModel ordered = OnnxModel.of(original.path(), built.build());
        built.getGraphBuilder().clearNode().addAllNode(ordered.nodes());
        return built.build();
    }

    /** Declares the operator sets that added operators come from, where the model did not. */
    private static void importDomains(ModelProto.Builder built, Collection<NodeProto> nodes) {
        Set<String> known = built.getOpsetImportList().stream().map(OperatorSetIdProto::getDomain).collect(Collectors.toSet());
        nodes.stream().flatMap(EditedModel::withBodies).map(NodeProto::getDomain).filter(domain -> !domain.isEmpty() && !domain.equals("ai.onnx")).distinct()
                .filter(domain -> !known.contains(domain)).sorted().forEach(domain -> built.addOpsetImportBuilder().setDomain(domain).setVersion(1));
    }

    private static Stream<NodeProto> withBodies(NodeProto node) {
        return Stream.concat(Stream.of(node), node.getAttributeList().stream().filter(AttributeProto::hasG)
                .flatMap(attribute -> attribute.getG().getNodeList().stream()).flatMap(EditedModel::withBodies));
    }
}
