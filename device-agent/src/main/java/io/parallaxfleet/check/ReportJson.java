package io.parallaxfleet.check;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;

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
        for (ModelReport.Structure structure : report.structures()) {
            structures.addObject()
                    .put("stage", structure.stage())
                    .put("nodes", structure.nodes())
                    .put("delegatedRegions", structure.delegatedRegions())
                    .put("branches", structure.branches())
                    .put("layers", structure.layers())
                    .put("layersWithSeveralBranches", structure.layersWithChoice())
                    .put("parallelLayers", structure.parallelLayers())
                    .put("maxBranches", structure.maxBranches());
        }
        ArrayNode coverage = root.putArray("coverage");
        for (ModelReport.Coverage operator : report.coverage()) {
            ObjectNode entry = coverage.addObject()
                    .put("operator", operator.operator())
                    .put("count", operator.count())
                    .put("eligible", operator.eligible())
                    .put("macs", operator.macs());
            operator.refusals().forEach(entry.putObject("refusals")::put);
        }
        root.put("coveredOperatorShare", report.coveredOperators());
        root.put("coveredMacShare", report.coveredMacs());
        root.put("delegatedMacShare", report.delegatedMacs());
        ArrayNode regions = root.putArray("regions");
        for (Verdict verdict : report.verdicts()) {
            Region region = verdict.region();
            ObjectNode entry = regions.addObject()
                    .put("index", region.index())
                    .put("operators", region.operators())
                    .put("macs", region.macs())
                    .put("boundaryBytes", region.boundaryBytes());
            if (region.macs() > 0) {
                // A region that computes nothing has no ratio, and JSON no infinity.
                entry.put("bytesPerMac", region.bytesPerMac());
            }
            entry.put("kept", verdict instanceof Verdict.Kept).put("reason", verdict.reason());
        }
        return root.toPrettyString();
    }
}
