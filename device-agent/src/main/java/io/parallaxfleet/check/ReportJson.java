package io.parallaxfleet.check;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.partition.Evidence;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;
import java.util.List;

/** A report for machines. */
final class ReportJson {
    private ReportJson() {}

    static String of(ModelReport report) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("model", report.model());
        root.put("modelHash", report.modelHash());
        root.put("shapes", report.shapeKey());
        ModelReport.Size size = report.size();
        root.put("nodes", size.nodes());
        root.put("controlFlowNodes", size.controlFlow());
        root.put("macs", size.macs());
        root.put("constantBytes", size.constantBytes());
        root.put("dynamicTensors", size.dynamicTensors());
        root.put("acceleratorOperators", report.support());
        root.put("thresholds", report.policy());
        ArrayNode structures = root.putArray("structures");
        report.structures().forEach(structure -> structure(structures.addObject(), structure));
        ArrayNode bodies = root.putArray("bodies");
        for (ModelReport.Body body : report.bodies()) {
            ObjectNode entry = bodies.addObject().put("name", body.name()).put("runs", body.runs());
            ArrayNode inside = entry.putArray("structures");
            body.structures().forEach(structure -> structure(inside.addObject(), structure));
            coverage(entry.putArray("coverage"), body.coverage());
            ArrayNode regions = entry.putArray("regions");
            body.regions().forEach(judgement -> region(regions.addObject(), judgement));
        }
        root.put("plannedSteps", report.planning().steps()).put("planningNanos", report.planning().nanos());
        ArrayNode rewrites = root.putArray("rewrites");
        report.rewrites().forEach(
                applied -> applied.places().forEach(rewrites.addObject().put("rule", applied.rule().name()).putArray("places")::add));
        root.put("plannedThreads", report.planning().threads());
        ArrayNode sideBySide = root.putArray("sideBySide");
        for (ModelReport.SharedLayer layer : report.planning().sideBySide()) {
            ArrayNode shares = sideBySide.addObject().put("layer", layer.layer()).putArray("branches");
            layer.shares().forEach(share ->
                    shares.addObject().put("name", share.branch()).put("macs", share.macs()).put("threads", share.threads()));
        }
        coverage(root.putArray("coverage"), report.coverage());
        root.put("coveredOperatorShare", report.coveredOperators());
        root.put("delegatedOperatorShare", report.delegatedOperators());
        root.put("coveredMacShare", report.coveredMacs());
        root.put("delegatedMacShare", report.delegatedMacs());
        ArrayNode regions = root.putArray("regions");
        report.regions().forEach(judgement -> region(regions.addObject(), judgement));
        report.dynamicTensors().forEach(root.putArray("dynamicTensorNames")::add);
        findings(root, report.findings());
        return root.toPrettyString();
    }

    private static void coverage(ArrayNode operators, List<ModelReport.Coverage> coverage) {
        for (ModelReport.Coverage operator : coverage) {
            ObjectNode entry = operators.addObject()
                    .put("operator", operator.operator())
                    .put("count", operator.count())
                    .put("eligible", operator.eligible())
                    .put("onAccelerator", operator.delegated())
                    .put("onCpu", operator.count() - operator.delegated())
                    .put("macs", operator.macs());
            operator.refusals().forEach(entry.putObject("refusals")::put);
        }
    }

    private static void structure(ObjectNode entry, PlanStructure structure) {
        entry.put("stage", structure.stage())
                .put("nodes", structure.nodes())
                .put("delegatedRegions", structure.delegatedRegions())
                .put("branches", structure.branches())
                .put("layers", structure.layers())
                .put("layersWithSeveralBranches", structure.layersWithChoice())
                .put("parallelLayers", structure.parallelLayers())
                .put("maxBranches", structure.maxBranches());
    }

    /** What there is to say of a model that ONNX Runtime refuses. */
    static String ofRefused(String model, String refusal, List<Finding> findings) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("model", model).put("refusal", refusal);
        findings(root, findings);
        return root.toPrettyString();
    }

    private static void region(ObjectNode entry, ModelReport.Judgement judgement) {
        Region region = judgement.region();
        entry.put("index", region.index())
                .put("operators", region.operators())
                .put("macs", region.macs())
                .put("boundaryBytes", region.boundaryBytes());
        if (region.macs() > 0) {
            // A region that computes nothing has no ratio, and JSON no infinity.
            entry.put("bytesPerMac", region.bytesPerMac());
        }
        entry.put("kept", judgement.kept()).put("reason", judgement.verdict().reason());
        evidence(entry.putArray("evidence"), judgement.verdict());
        ObjectNode breakEven = entry.putObject("breakEven");
        breakEven.put("kept", judgement.breakEven() instanceof Verdict.Kept).put("reason", judgement.breakEven().reason());
        evidence(breakEven.putArray("evidence"), judgement.breakEven());
    }

    private static void evidence(ArrayNode tests, Verdict verdict) {
        for (Evidence test : verdict.evidence()) {
            ObjectNode entry = tests.addObject().put("test", test.test().symbol()).put("holds", test.holds());
            putFinite(entry, "value", test.value());
            putFinite(entry, "threshold", test.threshold());
            putFinite(entry, "ratio", test.ratio());
        }
    }

    private static void putFinite(ObjectNode entry, String name, double value) {
        if (Double.isFinite(value)) {
            entry.put(name, value);
        }
    }

    private static void findings(ObjectNode root, List<Finding> findings) {
        ArrayNode entries = root.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode entry = entries.addObject()
                    .put("kind", finding.kind().name())
                    .put("subject", finding.subject())
                    .put("detail", finding.detail())
                    .put("remedy", finding.remedy());
            finding.nodes().forEach(entry.putArray("nodes")::add);
        }
    }
}
