package io.parallaxfleet.check.fuzz;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Models of one operator in which an input or output is left out, or a dimension is zero. */
final class Absences {
    private final Map<String, ModelProto> mutants = new LinkedHashMap<>();

    private Absences() {}

    /** By what is absent. */
    static Map<String, ModelProto> all() {
        Absences absences = new Absences();
        OperatorSeeds.all().forEach((name, seed) -> {
            absences.leaveOutInputs(name, seed);
            absences.leaveOutOutputs(name, seed);
            absences.empty(name, seed);
        });
        return absences.mutants;
    }

    private void leaveOutInputs(String name, ModelProto seed) {
        NodeProto node = seed.getGraph().getNode(0);
        for (int input = 0; input < node.getInputCount(); input++) {
            ModelProto.Builder one = seed.toBuilder();
            one.getGraphBuilder().getNodeBuilder(0).setInput(input, "");
            mutants.put(name + " input " + input + " left out", one.build());
            ModelProto.Builder rest = seed.toBuilder();
            rest.getGraphBuilder().getNodeBuilder(0).clearInput().addAllInput(node.getInputList().subList(0, input));
            mutants.put(name + " inputs from " + input + " left out", rest.build());
        }
    }

    private void leaveOutOutputs(String name, ModelProto seed) {
        for (int output = 0; output < seed.getGraph().getNode(0).getOutputCount(); output++) {
            String tensor = seed.getGraph().getNode(0).getOutput(output);
            ModelProto.Builder model = seed.toBuilder();
            model.getGraphBuilder().getNodeBuilder(0).setOutput(output, "");
            int position = IntStream.range(0, seed.getGraph().getOutputCount())
                    .filter(i -> seed.getGraph().getOutput(i).getName().equals(tensor)).findFirst().orElseThrow();
            model.getGraphBuilder().removeOutput(position);
            mutants.put(name + " output " + output + " left out", model.build());
        }
    }

    private void empty(String name, ModelProto seed) {
        GraphProto graph = seed.getGraph();
        for (int input = 0; input < graph.getInputCount(); input++) {
            for (int axis = 0; axis < graph.getInput(input).getType().getTensorType().getShape().getDimCount(); axis++) {
                ModelProto.Builder model = seed.toBuilder();
                TensorShapeProto.Builder shape =
                        model.getGraphBuilder().getInputBuilder(input).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
                shape.getDimBuilder(axis).setDimValue(0);
                mutants.put(name + " " + graph.getInput(input).getName() + " dimension " + axis + "=0", model.build());
            }
        }
        for (int constant = 0; constant < graph.getInitializerCount(); constant++) {
            for (int axis = 0; axis < graph.getInitializer(constant).getDimsCount(); axis++) {
                ModelProto.Builder model = seed.toBuilder();
                TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(constant);
                tensor.setDims(axis, 0).setRawData(ByteString.EMPTY);
                mutants.put(name + " " + tensor.getName() + " dimension " + axis + "=0", model.build());
            }
        }
    }
}
