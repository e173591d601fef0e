package io.parallaxfleet.check.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Breaks models: bytes of the file, or what the file says. Equal random numbers give equal mutants. */
final class ModelMutator {
    private final RandomGenerator random;

    ModelMutator(RandomGenerator random) {
        this.random = random;
    }

    /** One mutant of a model; parts of the other one may end up in it. */
    byte[] mutate(byte[] model, byte[] other) {
        if (random.nextInt(4) == 0) {
            return bytes(model.clone(), other);
        }
        try {
            ModelProto.Builder mutant = ModelProto.parseFrom(model).toBuilder();
            ModelProto donor = ModelProto.parseFrom(other);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                structure(mutant, donor.getGraph());
            }
            return mutant.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("the seeds are valid models", e);
        }
    }

    private byte[] bytes(byte[] model, byte[] other) {
        switch (random.nextInt(5)) {
            case 0 -> {
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    model[random.nextInt(model.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> {
                return Arrays.copyOf(model, random.nextInt(model.length));
            }
            case 2 -> {
                int length = random.nextInt(1, Math.min(64, other.length));
                System.arraycopy(other, random.nextInt(other.length - length + 1), model,
                        random.nextInt(Math.max(1, model.length - length)), Math.min(length, model.length));
            }
            case 3 -> {
                int from = random.nextInt(model.length);
                int length = Math.min(random.nextInt(1, 32), model.length - from);
                byte[] shorter = Arrays.copyOf(model, model.length - length);
                System.arraycopy(model, from + length, shorter, from, model.length - from - length);
                return shorter;
            }
            default -> Arrays.fill(model, random.nextInt(model.length), model.length, (byte) random.nextInt(256));
        }
        return model;
    }

    private void structure(ModelProto.Builder model, GraphProto donor) {
        GraphProto.Builder graph = chooseGraph(model.getGraphBuilder());
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> node(graph, donor);
            case 3, 4, 5 -> attribute(graph);
            case 6, 7 -> initializer(graph, donor);
            case 8 -> info(graph);
            case 9 -> wire(graph);
            case 10 -> nest(graph);
            default -> head(model, graph);
        }
    }

    private GraphProto.Builder chooseGraph(GraphProto.Builder graph) {
        List<GraphProto.Builder> all = new ArrayList<>();
        collect(graph, all);
        return all.get(random.nextBoolean() ? 0 : random.nextInt(all.size()));
    }

    private static void collect(GraphProto.Builder graph, List<GraphProto.Builder> all) {
        all.add(graph);
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasG()) {
                    collect(attribute.getGBuilder(), all);
                }
            }
        }
    }

    private long oddNumber() {
        return TensorMutator.oddNumber(random);
    }

    private void node(GraphProto.Builder graph, GraphProto donor) {
        if (graph.getNodeCount() == 0) {
            return;
        }
        int at = random.nextInt(graph.getNodeCount());
        NodeProto.Builder node = graph.getNodeBuilder(at);
        switch (random.nextInt(7)) {
            case 0 -> graph.removeNode(at);
            case 1 -> graph.addNode(node.build());
            case 2 -> {
                NodeProto.Builder copy = node.build().toBuilder();
                for (int i = 0; i < copy.getOutputCount(); i++) {
                    copy.setOutput(i, copy.getOutput(i) + "'");
                }
                graph.addNode(copy);
            }
            case 3 -> node.setOpType(graph.getNode(random.nextInt(graph.getNodeCount())).getOpType());
            case 4 -> {
                if (donor.getNodeCount() > 0) {
                    NodeProto given = donor.getNode(random.nextInt(donor.getNodeCount()));
                    node.setOpType(given.getOpType()).clearAttribute().addAllAttribute(given.getAttributeList());
                }
            }
            case 5 -> node.setDomain(List.of("", "ai.onnx", "com.microsoft", "ai.onnx.ml", "x").get(random.nextInt(5)));
            default -> node.setOpType(List.of("", "Identity", "Div", "Mod", "Reshape", "Expand", "Tile", "Range", "ConstantOfShape",
                    "Loop", "Einsum", "Resize", "Gather", "Split", "Slice", "Pad", "Cast").get(random.nextInt(17)));
        }
    }

    private void attribute(GraphProto.Builder graph) {
        List<NodeProto.Builder> holders =
                graph.getNodeBuilderList().stream().filter(node -> node.getAttributeCount() > 0).toList();
        if (holders.isEmpty()) {
            return;
        }
        NodeProto.Builder node = holders.get(random.nextInt(holders.size()));
        int at = random.nextInt(node.getAttributeCount());
        AttributeProto.Builder attribute = node.getAttributeBuilder(at);
        switch (random.nextInt(7)) {
            case 0 -> node.removeAttribute(at);
            case 1 -> node.addAttribute(attribute.build());
            case 2 -> attribute.setName(attribute.getName() + "_");
            case 3 -> attribute.setType(AttributeProto.AttributeType.forNumber(random.nextInt(15)));
            case 4 -> attribute.setI(oddNumber());
            case 5 -> {
                if (attribute.getIntsCount() > 0) {
                    attribute.setInts(random.nextInt(attribute.getIntsCount()), oddNumber());
                } else if (attribute.hasT()) {
                    TensorMutator.mutate(attribute.getTBuilder(), random);
                } else {
                    attribute.setF(Float.intBitsToFloat(random.nextInt()));
                }
            }
            default -> {
                if (random.nextBoolean()) {
                    attribute.addInts(oddNumber());
                } else {
                    attribute.clearInts();
                }
            }
        }
    }

    private void initializer(GraphProto.Builder graph, GraphProto donor) {
        if (graph.getInitializerCount() == 0) {
            return;
        }
        int at = random.nextInt(graph.getInitializerCount());
        switch (random.nextInt(6)) {
            case 0 -> graph.removeInitializer(at);
            case 1 -> graph.addInitializer(graph.getInitializer(at));
            case 2 -> {
                if (donor.getInitializerCount() > 0) {
                    TensorProto given = donor.getInitializer(random.nextInt(donor.getInitializerCount()));
                    graph.setInitializer(at, given.toBuilder().setName(graph.getInitializer(at).getName()));
                }
            }
            default -> TensorMutator.mutate(graph.getInitializerBuilder(at), random);
        }
    }

    private void info(GraphProto.Builder graph) {
        List<ValueInfoProto.Builder> infos = new ArrayList<>(graph.getInputBuilderList());
        infos.addAll(graph.getOutputBuilderList());
        infos.addAll(graph.getValueInfoBuilderList());
        if (infos.isEmpty()) {
            return;
        }
        ValueInfoProto.Builder info = infos.get(random.nextInt(infos.size()));
        TensorShapeProto.Builder shape = info.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        switch (random.nextInt(5)) {
            case 0 -> info.getTypeBuilder().getTensorTypeBuilder().setElemType(random.nextInt(30));
            case 1 -> shape.addDimBuilder().setDimValue(oddNumber());
            case 2 -> {
                if (shape.getDimCount() > 0) {
                    shape.getDimBuilder(random.nextInt(shape.getDimCount())).setDimValue(oddNumber());
                }
            }
            case 3 -> info.clearType();
            default -> info.setName(info.getName() + "?");
        }
    }

    private void wire(GraphProto.Builder graph) {
        if (graph.getNodeCount() == 0) {
            return;
        }
        NodeProto.Builder node = graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
        NodeProto from = graph.getNode(random.nextInt(graph.getNodeCount()));
        String tensor = random.nextInt(8) == 0 ? "" : from.getOutputCount() > 0 && random.nextBoolean()
                ? from.getOutput(random.nextInt(from.getOutputCount()))
                : graph.getInitializerCount() > 0 ? graph.getInitializer(random.nextInt(graph.getInitializerCount())).getName() : "none";
        if (random.nextInt(4) == 0) {
            if (random.nextBoolean()) {
                node.addInput(tensor);
            } else {
                node.addOutput(tensor + "!");
            }
        } else if (node.getInputCount() > 0) {
            node.setInput(random.nextInt(node.getInputCount()), tensor);
        }
    }

    /** Puts the graph's nodes into ever deeper If branches. */
    private void nest(GraphProto.Builder graph) {
        if (random.nextInt(8) != 0 || graph.getNodeCount() == 0) {
            return;
        }
        for (int depth = random.nextInt(1, 30); depth > 0; depth--) {
            AttributeProto.Builder body = AttributeProto.newBuilder().setName("then_branch")
                    .setType(AttributeProto.AttributeType.GRAPH).setG(graph.build().toBuilder().clearInput());
            graph.clearNode().clearInitializer().addNode(NodeProto.newBuilder().setOpType("If").addInput("flag").addOutput("o" + depth)
                    .addAttribute(body));
        }
    }

    private void head(ModelProto.Builder model, GraphProto.Builder graph) {
        switch (random.nextInt(6)) {
            case 0 -> model.getOpsetImportBuilder(0).setVersion(random.nextBoolean() ? oddNumber() : random.nextInt(1, 25));
            case 1 -> model.setIrVersion(random.nextInt(16));
            case 2 -> {
                if (graph.getOutputCount() > 0) {
                    graph.addOutput(graph.getOutput(random.nextInt(graph.getOutputCount())));
                }
            }
            case 3 -> {
                if (graph.getOutputCount() > 0) {
                    graph.removeOutput(random.nextInt(graph.getOutputCount()));
                }
            }
            case 4 -> {
                if (graph.getInputCount() > 0) {
                    graph.removeInput(random.nextInt(graph.getInputCount()));
                }
            }
            default -> {
                if (graph.getNodeCount() > 0) {
                    NodeProto node = graph.getNode(random.nextInt(graph.getNodeCount()));
                    node.getOutputList().forEach(output -> graph.addOutputBuilder().setName(output));
                }
            }
        }
    }
}
