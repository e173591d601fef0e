package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Orders and names the nodes of a graph. */
final class TopologicalOrder {
    private TopologicalOrder() {}

    /**
     * Nodes so that every tensor is written before it is read (Kahn); nodes that are ready keep the file's order, so a file that
     * is in order stays as it is. Unnamed nodes and second bearers of a name are given {@code <opType>_<index>}.
     *
     * @throws ModelFormatException when nodes wait for one another
     */
    static List<NodeProto> of(Path path, GraphProto graph) {
        List<NodeProto> nodes = graph.getNodeList();
        Map<String, Integer> writers = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String output : nodes.get(i).getOutputList()) {
                if (!output.isEmpty()) {
                    writers.put(output, i);
                }
            }
        }
        int[] waitsFor = new int[nodes.size()];
        List<List<Integer>> readers = new ArrayList<>();
        nodes.forEach(node -> readers.add(new ArrayList<>()));
        for (int i = 0; i < nodes.size(); i++) {
            for (String tensor : Captures.reads(nodes.get(i))) {
                Integer writer = writers.get(tensor);
                if (writer != null) {
                    waitsFor[i]++;
                    readers.get(writer).add(i);
                }
            }
        }
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < waitsFor.length; i++) {
            if (waitsFor[i] == 0) {
                ready.add(i);
            }
        }
        List<NodeProto> ordered = new ArrayList<>();
        while (!ready.isEmpty()) {
            int next = ready.remove();
            ordered.add(nodes.get(next));
            for (int reader : readers.get(next)) {
                if (--waitsFor[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        if (ordered.size() < nodes.size()) {
            throw new ModelFormatException("'" + path + "': " + (nodes.size() - ordered.size())
                    + " operators wait for one another in a cycle; export the model again");
        }
        return named(ordered);
    }

    private static List<NodeProto> named(List<NodeProto> ordered) {
        Set<String> names = new HashSet<>();
        ordered.forEach(node -> names.add(node.getName()));
        Set<String> taken = new HashSet<>();
        List<NodeProto> named = new ArrayList<>();
        for (NodeProto node : ordered) {
            if (!node.getName().isEmpty() && taken.add(node.getName())) {
                named.add(node);
                continue;
            }
            String name = node.getOpType() + "_" + named.size();
            while (!names.add(name)) {
                name += "_";
            }
            named.add(node.toBuilder().setName(name).build());
        }
        return named;
    }
}
