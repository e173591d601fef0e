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
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a {@link GraphEditor} held, as a model of the file format.
 *
 * @param original the file that was rewritten
 * @param unordered the model, whose nodes are in no particular order
 * @param late what the file beside it is made of
 * @param offsets where each of these constants lies there; none: there is no such file
 */
record EditedModel(Path original, ModelProto unordered, LateConstants late, Map<String, Long> offsets) {
    /**
     * @param original whose inputs, outputs and all else stay
     * @param initializers those that nobody reads are left out
     * @param types of tensors inside the graph
     * @param lateFile the file beside the model
     */
    static EditedModel of(OnnxModel original, Collection<NodeProto> nodes, Collection<TensorProto> initializers, Map<String, TensorType> types,
            LateConstants late, String lateFile) {
        Set<String> read = original.outputs().stream().map(ValueInfoProto::getName).collect(Collectors.toCollection(HashSet::new));
        nodes.forEach(node -> read.addAll(Captures.reads(node)));
        GraphProto.Builder graph = original.proto().getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
        List<TensorProto> kept = initializers.stream().filter(tensor -> read.contains(tensor.getName())).toList();
        Map<String, Long> offsets = late.offsets(kept.stream().map(TensorProto::getName).filter(late::contains).toList());
        kept.forEach(tensor -> graph.addInitializer(late.contains(tensor.getName())
                ? late.declaration(tensor.getName(), lateFile, offsets.get(tensor.getName()))
                : tensor));
        graph.addAllNode(nodes);
        types.forEach((tensor, type) -> graph.addValueInfo(TensorTypes.info(tensor, type)));
        ModelProto.Builder built = original.proto().toBuilder().setGraph(graph);
        importDomains(built, nodes);
        return new EditedModel(original.path(), built.build(), late, offsets);
    }

    /**
     * The model, checked and in topological order, once the file beside it has been written.
     *
     * @throws io.parallaxfleet.graph.ModelFormatException when it is no model
     */
    ModelProto model() {
        OnnxModel ordered = OnnxModel.of(original, unordered);
        ModelProto.Builder model = unordered.toBuilder();
        model.getGraphBuilder().clearNode().addAllNode(ordered.nodes());
        return model.build();
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
