package io.parallaxfleet.check;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.MacEstimate;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.SubGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.partition.Region;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for what keeps a model's work off the accelerator. */
final class Findings {
    /** Element types of computation, for which a kernel in another precision would do; not indices and masks. */
    private static final Set<ElementType> PRECISIONS = EnumSet.of(ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.DOUBLE,
            ElementType.INT8, ElementType.UINT8, ElementType.INT16, ElementType.UINT16);

    private final ModelGraph graph;
    private final OperatorRefusals refusals;
    private final DelegationPolicy policy;

    private Findings(ModelGraph graph, OperatorRefusals refusals, DelegationPolicy policy) {
        this.graph = graph;
        this.refusals = refusals;
        this.policy = policy;
    }

    /** All findings, by kind; within a kind the ones with most work or most tensors first. */
    static List<Finding> of(ModelGraph graph, OperatorRefusals refusals, DelegationPolicy policy) {
        Findings findings = new Findings(graph, refusals, policy);
        return Stream.of(findings.dynamicShapes(), findings.controlFlow(), findings.precisions(), findings.missingKernels())
                .flatMap(List::stream)
                .toList();
    }

    static boolean isStatic(ModelGraph graph, String tensor) {
        return graph.type(tensor).filter(TensorType::isStatic).isPresent();
    }

    private List<Finding> dynamicShapes() {
        Map<Finding, Integer> following = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<String> open = node.writes().filter(tensor -> !isStatic(graph, tensor)).toList();
            // Where an input is open already, the cause lies further up.
            if (open.isEmpty() || !node.reads().allMatch(tensor -> isStatic(graph, tensor) || graph.producer(tensor).isEmpty())) {
                continue;
            }
            Set<Integer> behind = dynamicBehind(node);
            String shape = graph.type(open.get(0)).map(Findings::shape).orElse("of unknown rank");
            Finding finding = new Finding(Finding.Kind.DYNAMIC_SHAPE, open.get(0), String.format(Locale.ROOT,
                    "%s, written by %s '%s'; %d operators with open shapes follow", shape, node.opType(), node.name(), behind.size()),
                    dynamicRemedy(node), List.of(node.name()));
            following.put(finding, behind.size());
        }
        return sorted(following);
    }

    /** Operators reached from the node over tensors of open shape. */
    private Set<Integer> dynamicBehind(Node origin) {
        Set<Integer> seen = new TreeSet<>();
        Deque<Node> open = new ArrayDeque<>(List.of(origin));
        while (!open.isEmpty()) {
            open.pop().writes().filter(tensor -> !isStatic(graph, tensor)).flatMap(tensor -> graph.consumers(tensor).stream())
                    .filter(seen::add).forEach(next -> open.push(graph.node(next)));
        }
        return seen;
    }

    private static String shape(TensorType type) {
        return type.elementType() + type.dimensions().stream()
                .map(dimension -> dimension == TensorType.DYNAMIC ? "?" : dimension.toString())
                .collect(Collectors.joining("x", "[", "]"));
    }

    private static String dynamicRemedy(Node node) {
        return switch (node.opType()) {
            case "NonZero", "NonMaxSuppression", "Unique", "Compress", "StringSplit" ->
                "how many results there are depends on the data: keep it at the end of the model, or cut it off and do it outside";
            case "If", "Loop", "Scan" ->
                "let every branch and iteration give the same shapes, or export the one path that the device needs";
            default -> "its shape comes from a tensor that the run computes: export with constant shapes and axes";
        };
    }

    private List<Finding> controlFlow() {
        List<Finding> findings = new ArrayList<>();
        Map<String, TensorType> types = new HashMap<>(graph.initializers());
        graph.nodes().forEach(node -> Stream.concat(node.reads(), node.writes())
                .forEach(tensor -> graph.type(tensor).ifPresent(type -> types.put(tensor, type))));
        for (Node node : graph.nodes()) {
            if (!node.controlFlow()) {
                continue;
            }
            List<String> parts = new ArrayList<>();
            for (SubGraph body : node.bodies().graphs()) {
                parts.add(String.format(Locale.ROOT, "%s %d operators, %.3g MAC", body.attribute(), body.operators(),
                        (double) MacEstimate.of(body, types)));
            }
            parts.add(counted(node, types));
            parts.add(node.capturedInputs().size() + " outer tensors captured");
            findings.add(new Finding(Finding.Kind.CONTROL_FLOW, node.opType() + " '" + node.name() + "'", String.join("; ", parts),
                    node.is("If")
                            ? "its sub-graphs are planned like models; where the device always takes one branch, export that alone"
                            : "its body is planned like a model, above; where the number of iterations is fixed, a model exported"
                                    + " unrolled may be fused and cut across them as well",
                    List.of(node.name())));
        }
        return findings;
    }

    private static String counted(Node node, Map<String, TensorType> types) {
        if (node.is("If")) {
            return "the larger branch is counted";
        }
        return MacEstimate.trips(node, types).stream().mapToObj(trips -> "at most " + trips + " iterations, all counted").findFirst()
                .orElse("iterations unknown, one is counted");
    }

    private List<Finding> precisions() {
        Map<String, List<Node>> byPrecision = new TreeMap<>();
        for (Node node : graph.nodes()) {
            if (refusals.refusal(graph, node).isPresent()) {
                Stream.concat(node.reads(), node.writes()).flatMap(tensor -> graph.type(tensor).stream()).map(TensorType::elementType)
                        .filter(PRECISIONS::contains).distinct()
                        .forEach(type -> byPrecision.computeIfAbsent(type.name(), key -> new ArrayList<>()).add(node));
            }
        }
        Map<Finding, Integer> sizes = new HashMap<>();
        byPrecision.forEach((type, nodes) -> sizes.put(new Finding(Finding.Kind.PRECISION, type, String.format(Locale.ROOT,
                "%d operators, %.1f %% of the work, stay on the CPU for it: %s", nodes.size(), 100 * share(nodes), census(nodes)),
                precisionRemedy(ElementType.valueOf(type), nodes), nodes.stream().map(Node::name).toList()), nodes.size()));
        return sorted(sizes);
    }

    private static String precisionRemedy(ElementType type, List<Node> nodes) {
        if (nodes.stream().anyMatch(node -> node.opType().equals("ConvInteger") || node.opType().equals("MatMulInteger"))) {
            return "dynamic quantisation is slower than float on most CPUs: quantise statically (QDQ), or export in float32";
        }
        return switch (type) {
            case FLOAT16, BFLOAT16, DOUBLE -> "export in float32: the CPU computes it through casts and the accelerator not at all";
            default -> "keep it where the CPU's int8 kernels are the faster ones; export in float32 to delegate";
        };
    }

    private double share(List<Node> nodes) {
        long total = graph.totalMacs();
        return total == 0 ? 0 : (double) nodes.stream().mapToLong(node -> graph.macs(node.index())).sum() / total;
    }

    private static String census(List<Node> nodes) {
        return nodes.stream().collect(Collectors.groupingBy(Node::opType, TreeMap::new, Collectors.counting())).entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .map(entry -> entry.getValue() + " " + entry.getKey()).collect(Collectors.joining(", "));
    }

    /** Operator types that only lack a kernel, with what having it would change. */
    private List<Finding> missingKernels() {
        Map<String, List<Node>> lacking = new TreeMap<>();
        for (Node node : graph.nodes()) {
            Optional<String> refusal = refusals.refusal(graph, node);
            boolean open = Stream.concat(node.reads(), node.writes()).anyMatch(tensor -> !isStatic(graph, tensor));
            if (refusal.isPresent() && !open && !node.controlFlow()) {
                lacking.computeIfAbsent(node.opType(), key -> new ArrayList<>()).add(node);
            }
        }
        Partition now = partition(Set.of());
        Map<Finding, Integer> sizes = new HashMap<>();
        lacking.forEach((type, nodes) -> {
            Partition then = partition(nodes.stream().map(Node::index).collect(Collectors.toSet()));
            String reasons = nodes.stream().map(node -> refusals.refusal(graph, node).orElseThrow()).distinct().limit(2)
                    .collect(Collectors.joining("; "));
            boolean helps = delegated(then) > delegated(now);
            String change = helps
                    ? String.format(Locale.ROOT, "with it %d candidate regions instead of %d, %.1f %% of the work delegated instead of %.1f %%",
                            then.verdicts().size(), now.verdicts().size(), 100 * delegated(then), 100 * delegated(now))
                    : "with it no more work would be delegated";
            sizes.put(new Finding(Finding.Kind.NO_ACCELERATOR_KERNEL, type,
                    nodes.size() + (nodes.size() == 1 ? " operator (" : " operators (") + reasons + "); " + change,
                    helps ? "export the model without it, or write its kernel" : "leave it on the CPU",
                    nodes.stream().map(Node::name).toList()), nodes.size() + (helps ? graph.size() : 0));
        });
        return sorted(sizes);
    }

    private Partition partition(Set<Integer> alsoSupported) {
        return Partitioner.partition(graph,
                (anyGraph, node) -> alsoSupported.contains(node.index()) || refusals.refusal(anyGraph, node).isEmpty(), policy);
    }

    private double delegated(Partition partition) {
        return graph.totalMacs() == 0 ? 0
                : (double) partition.delegated().stream().mapToLong(Region::macs).sum() / graph.totalMacs();
    }

    private static List<Finding> sorted(Map<Finding, Integer> sizes) {
        return sizes.entrySet().stream()
                .sorted(Map.Entry.<Finding, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(entry -> entry.getKey().subject()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
