package io.parallaxfleet.check;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.SubGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Plans a model under different delegations and says what comes out. Runs nothing. */
final class ModelInspection {
    private static final String CONTROL_FLOW = "holds sub-graphs";
    private static final String DYNAMIC = "has tensors of data-dependent shape";

    private final ModelGraph graph;
    private final OperatorRefusals refusals;
    private final BranchOptions options;

    ModelInspection(ModelGraph graph, OperatorRefusals refusals, BranchOptions options) {
        this.graph = graph;
        this.refusals = refusals;
        this.options = options;
    }

    /**
     * @param support name of what {@code refusals} speaks for
     * @param threads CPU threads to plan for
     * @param nanoTime times the planning
     */
    static ModelReport report(PreparedModel model, String support, OperatorRefusals refusals, DelegationPolicy policy,
            BranchOptions options, int threads, LongSupplier nanoTime) {
        ModelReport.Planning planning = planning(model, refusals, policy, threads, nanoTime);
        ModelInspection inspection = new ModelInspection(model.graph(), refusals, options);
        Partition judged = inspection.partition(policy);
        return new ModelReport(
                model.name(),
                model.modelHash(),
                model.shapeKey(),
                inspection.size(),
                support,
                policy.describe(),
                PlanStructure.stages(model.graph(), supportOf(refusals), policy, options),
                BodyInspection.bodies(model, refusals, policy, options),
                planning,
                RewrittenModel.of(model).map(RewrittenModel::applications).orElse(List.of()),
                inspection.coverage(judged),
                judgements(judged),
                inspection.dynamicTensors(),
                Findings.of(model.graph(), refusals, policy));
    }

    private static ModelReport.Planning planning(
            PreparedModel model, OperatorRefusals refusals, DelegationPolicy policy, int threads, LongSupplier nanoTime) {
        long start = nanoTime.getAsLong();
        EnginePlan plan = EnginePlanner.plan(model, supportOf(refusals), policy, 0, Execution.SPLIT, threads);
        long nanos = nanoTime.getAsLong() - start;
        List<ModelReport.SharedLayer> sideBySide = new ArrayList<>();
        plan.sideBySide().forEach((layer, steps) -> sideBySide.add(new ModelReport.SharedLayer(
                layer, steps.stream().map(step -> new ModelReport.Share(step.name(), step.macs(), step.threads())).toList())));
        return new ModelReport.Planning(threads, plan.steps().size(), sideBySide, nanos);
    }

    static OperatorSupport supportOf(OperatorRefusals refusals) {
        return (anyGraph, node) -> refusals.refusal(anyGraph, node).isEmpty();
    }

    /** The plans that a drawing shows: the model's, then those of its sub-graphs in which there is more than one branch to see. */
    static List<BranchPlan> plans(PreparedModel model, OperatorRefusals refusals, DelegationPolicy policy, BranchOptions options) {
        List<BranchPlan> plans = new ArrayList<>();
        plans.add(BranchPlanner.plan(new ModelInspection(model.graph(), refusals, options).partition(policy), options));
        for (Node node : model.graph().nodes()) {
            for (SubGraph graph : node.bodies().graphs()) {
                model.body(node.index(), graph.attribute()).ifPresent(body -> plans(body, refusals, policy, options).stream()
                        .filter(plan -> plan.branches().size() > 1)
                        .forEach(plans::add));
            }
        }
        return plans;
    }

    private List<String> dynamicTensors() {
        return graph.nodes().stream().flatMap(Node::writes).filter(tensor -> !isStatic(tensor)).toList();
    }

    private Partition partition(DelegationPolicy policy) {
        return Partitioner.partition(graph, supportOf(refusals), policy);
    }

    private static List<ModelReport.Judgement> judgements(Partition judged) {
        DelegationPolicy breakEven = DelegationPolicy.paperBreakEven();
        return judged.verdicts().stream()
                .map(verdict -> new ModelReport.Judgement(verdict, breakEven.judge(verdict.region())))
                .toList();
    }

    /** What there is to say of a graph that is a sub-graph. */
    ModelReport.Body body(String name, String runs, DelegationPolicy policy) {
        Partition judged = partition(policy);
        List<PlanStructure> structures = List.of(
                PlanStructure.of("before delegation", graph, supportOf(refusals), new DelegationPolicy.Never(), options),
                PlanStructure.of("after pruning", graph, supportOf(refusals), policy, options));
        return new ModelReport.Body(name, runs, structures, coverage(judged), judgements(judged));
    }

    private ModelReport.Size size() {
        return new ModelReport.Size(
                graph.size(),
                graph.nodes().stream().filter(Node::controlFlow).count(),
                graph.totalMacs(),
                graph.initializers().values().stream().mapToLong(TensorType::bytes).sum(),
                dynamicTensors().size());
    }

    private List<ModelReport.Coverage> coverage(Partition judged) {
        // A candidate region takes what is supported and static; what it leaves out is told with its reason.
        Set<Integer> eligible = new HashSet<>();
        partition(new DelegationPolicy.Everything()).verdicts().forEach(verdict -> eligible.addAll(verdict.region().nodes()));
        Set<Integer> delegated = new HashSet<>();
        judged.delegated().forEach(region -> delegated.addAll(region.nodes()));
        Map<String, List<Node>> byType = graph.nodes().stream().collect(Collectors.groupingBy(ModelInspection::type));
        return byType.entrySet().stream()
                .map(entry -> coverage(entry.getKey(), entry.getValue(), eligible, delegated))
                .sorted(Comparator.comparingInt(ModelReport.Coverage::count)
                        .reversed()
                        .thenComparing(ModelReport.Coverage::operator))
                .toList();
    }

    private ModelReport.Coverage coverage(String type, List<Node> nodes, Set<Integer> eligible, Set<Integer> delegated) {
        Map<String, Integer> reasons = new HashMap<>();
        int covered = 0;
        for (Node node : nodes) {
            if (eligible.contains(node.index())) {
                covered++;
            } else {
                reasons.merge(reason(node), 1, Integer::sum);
            }
        }
        int onAccelerator = (int) nodes.stream().filter(node -> delegated.contains(node.index())).count();
        long macs = nodes.stream().mapToLong(node -> graph.macs(node.index())).sum();
        return new ModelReport.Coverage(type, nodes.size(), covered, onAccelerator, macs, reasons);
    }

    private String reason(Node node) {
        if (node.controlFlow()) {
            return CONTROL_FLOW;
        }
        Optional<String> refusal = refusals.refusal(graph, node);
        boolean dynamic = !node.reads().allMatch(this::isStatic) || !node.writes().allMatch(this::isStatic);
        return dynamic ? DYNAMIC : refusal.orElse("not taken into a region");
    }

    private boolean isStatic(String tensor) {
        return Findings.isStatic(graph, tensor);
    }

    private static String type(Node node) {
        return node.domain().isEmpty() ? node.opType() : node.domain() + "." + node.opType();
    }
}
