package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;

/** Orders and names the nodes of a graph. */
final class TopologicalOrder {
    private static final int MOST_NAMES = 4;

    private TopologicalOrder() {}

    /**
     * Nodes so that every tensor is written before it is read (Kahn); nodes that are ready keep the file's order, so a file that
     * is in order stays as it is. Unnamed nodes and second bearers of a name are given {@code <opType>_<index>}.
     *
     * @throws ModelFormatException when nodes wait for one another; names them
     */
    static List<NodeProto> of(Path path, GraphProto graph) {
        return named(ordered(path, graph));
    }

    /** @throws ModelFormatException as {@link #of} */
    static void check(Path path, GraphProto graph) {
        ordered(path, graph);
    }

    private static List<NodeProto> ordered(Path path, GraphProto graph) {
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
            throw new ModelFormatException("'" + path + "': " + told(cycle(nodes, writers, waitsFor)) + "; export the model again");
        }
        return ordered;
    }

    /** Operators of which each reads what the next one writes, the last what the first does. */
    private static List<NodeProto> cycle(List<NodeProto> nodes, Map<String, Integer> writers, int[] waitsFor) {
        Set<Integer> way = new LinkedHashSet<>();
        int at = 0;
        while (waitsFor[at] == 0) {
            at++;
        }
        while (way.add(at)) {
            // Every operator that is left waits for another that is left.
            at = Captures.reads(nodes.get(at)).stream().filter(writers::containsKey).map(writers::get)
                    .filter(writer -> waitsFor[writer] > 0).findFirst().orElseThrow();
        }
        List<Integer> walked = new ArrayList<>(way);
        return walked.subList(walked.indexOf(at), walked.size()).stream().map(nodes::get).toList();
    }

    private static String told(List<NodeProto> cycle) {
        if (cycle.size() == 1) {
            return "the operator '" + ModelValidation.label(cycle.get(0)) + "' reads what it writes itself";
        }
        String names = cycle.stream().limit(MOST_NAMES).map(node -> "'" + ModelValidation.label(node) + "'").collect(Collectors.joining(", "));
        return "the operators " + names + (cycle.size() > MOST_NAMES ? " and " + (cycle.size() - MOST_NAMES) + " more" : "")
                + " wait for one another in a cycle";
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
