package io.parallaxfleet.check;

import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A report for people: plain text, no colours. */
final class ReportText {
    private static final int MOST_FINDINGS = 8;
    private static final int MOST_LAYERS = 8;
    private static final int MOST_BODY_REGIONS = 4;

    private final StringBuilder text = new StringBuilder();

    private ReportText() {}

    static String of(ModelReport report) {
        ReportText page = new ReportText();
        page.head(report);
        page.structures(report);
        page.rewrites(report);
        page.coverage(report);
        page.regions(report);
        page.findings(report.findings());
        return page.text.toString();
    }

    /** The findings alone, for a model that cannot be planned. */
    static String of(List<Finding> findings) {
        ReportText page = new ReportText();
        page.findings(findings);
        return page.text.toString();
    }

    private void head(ModelReport report) {
        ModelReport.Size size = report.size();
        line("%s (sha256 %.12s)", report.model(), report.modelHash());
        line("inputs: %s", report.shapeKey().replace(",", ", "));
        line("optimised graph: %d operators (%d with sub-graphs), %.3f GMAC a run, %.1f MB of constants, %s", size.nodes(),
                size.controlFlow(), size.macs() / 1e9, size.constantBytes() / 1e6,
                size.dynamicTensors() == 0 ? "all shapes known" : size.dynamicTensors() + " tensors of data-dependent shape");
        if (size.controlFlow() > 0) {
            line("the work inside sub-graphs depends on the run; what is counted of it is told below");
        }
        line("accelerator operators: %s; thresholds: %s", report.support(), report.policy());
        line("");
    }

    private void structures(ModelReport report) {
        line("%-24s %7s %8s %9s %7s %12s %9s %13s", "structure", "nodes", "regions", "branches", "layers", ">1 branch", "parallel",
                "max branches");
        report.structures().forEach(this::structure);
        ModelReport.Planning planning = report.planning();
        line("planned in %.1f ms as %d steps for %d threads, no session opened", planning.nanos() / 1e6, planning.steps(), planning.threads());
        planning.sideBySide().stream().limit(MOST_LAYERS).forEach(this::sharedLayer);
        if (planning.sideBySide().size() > MOST_LAYERS) {
            line("  and %d more layers side by side; --json lists all", planning.sideBySide().size() - MOST_LAYERS);
        }
        for (ModelReport.Body body : report.bodies()) {
            line("");
            line("%s, run %s:", body.name(), body.runs());
            if (body.structures().isEmpty()) {
                line("  it reads what is no dense tensor of a known type, so it cannot be planned by itself");
            }
            body.structures().forEach(this::structure);
            inside(body);
        }
        line("");
    }

    /** In short: what stays on the CPU and why, and the heaviest regions. The full list is in the JSON. */
    private void inside(ModelReport.Body body) {
        Map<String, Integer> refusals = new TreeMap<>();
        body.coverage().forEach(operator -> operator.refusals().forEach((reason, count) -> refusals.merge(reason, count, Integer::sum)));
        int eligible = body.coverage().stream().mapToInt(ModelReport.Coverage::eligible).sum();
        int delegated = body.coverage().stream().mapToInt(ModelReport.Coverage::delegated).sum();
        if (!body.coverage().isEmpty()) {
            line("  eligible: %d operators; on the accelerator: %d%s", eligible, delegated,
                    refusals.isEmpty() ? "" : "; not eligible: " + reasons(refusals));
        }
        Comparator<ModelReport.Judgement> byWork = Comparator.comparingLong(judgement -> judgement.region().macs());
        body.regions().stream().sorted(byWork.reversed()).limit(MOST_BODY_REGIONS).forEach(judgement -> {
            Region region = judgement.region();
            line("  region %d: N %d, F %.4g MAC, B %d bytes; break-even %s; %s", region.index(), region.operators(), (double) region.macs(),
                    region.boundaryBytes(), breakEven(judgement), verdict(judgement.verdict()));
        });
        if (body.regions().size() > MOST_BODY_REGIONS) {
            line("  and %d more regions; --json lists all", body.regions().size() - MOST_BODY_REGIONS);
        }
    }

    private static String breakEven(ModelReport.Judgement judgement) {
        return judgement.breakEven() instanceof Verdict.Kept ? "keeps" : "prunes";
    }

    private void rewrites(ModelReport report) {
        line(report.rewrites().isEmpty()
                ? "nothing to rewrite for the CPU"
                : "rewritten for the CPU, where outputs agree and that proves faster on the device:");
        report.rewrites().forEach(applied -> line("  %-24s %4d places, the first at %s", applied.rule().name(), applied.places().size(),
                applied.places().get(0)));
        line("");
    }

    private void sharedLayer(ModelReport.SharedLayer layer) {
        line("  layer %d side by side: %s", layer.layer(), layer.shares().stream()
                .map(share -> String.format(Locale.ROOT, "%s (%.3g MAC) on %d", share.branch(), (double) share.macs(), share.threads()))
                .collect(Collectors.joining(", ")));
    }

    private void structure(PlanStructure structure) {
        line("%-24s %7d %8d %9d %7d %12d %9d %13d", structure.stage(), structure.nodes(), structure.delegatedRegions(),
                structure.branches(), structure.layers(), structure.layersWithChoice(), structure.parallelLayers(),
                structure.maxBranches());
    }

    private void coverage(ModelReport report) {
        line("%-40s %6s %9s %12s %6s %8s  %s", "operator", "count", "eligible", "accelerator", "CPU", "MAC %", "why not eligible");
        for (ModelReport.Coverage coverage : report.coverage()) {
            line("%-40s %6d %9d %12d %6d %8.2f  %s", coverage.operator(), coverage.count(), coverage.eligible(),
                    coverage.delegated(), coverage.count() - coverage.delegated(),
                    report.size().macs() == 0 ? 0 : 100.0 * coverage.macs() / report.size().macs(), reasons(coverage.refusals()));
        }
        line("eligible: %.1f %% of the operators, %.1f %% of the work; delegated: %.1f %% of the operators, %.1f %% of the work",
                100 * report.coveredOperators(), 100 * report.coveredMacs(), 100 * report.delegatedOperators(),
                100 * report.delegatedMacs());
        line("");
    }

    private void regions(ModelReport report) {
        if (report.regions().isEmpty()) {
            line("no candidate regions");
            return;
        }
        line("%-7s %6s %12s %12s %10s  %-11s %s", "region", "N", "F, MAC", "B, bytes", "B/F", "break-even", "verdict");
        for (ModelReport.Judgement judgement : report.regions()) {
            Region region = judgement.region();
            line("%-7d %6d %12.4g %12d %10.3g  %-11s %s", region.index(), region.operators(), (double) region.macs(),
                    region.boundaryBytes(), region.bytesPerMac(), breakEven(judgement), verdict(judgement.verdict()));
        }
        line("break-even is exact, with the constants of the paper; --break-even judges by it");
    }

    private void findings(List<Finding> findings) {
        for (Finding.Kind kind : Finding.Kind.values()) {
            List<Finding> ofKind = findings.stream().filter(finding -> finding.kind() == kind).toList();
            if (!ofKind.isEmpty()) {
                line("");
                line("%s:", kind.title());
            }
            ofKind.stream().limit(MOST_FINDINGS).forEach(finding -> {
                line("  %s: %s", finding.subject(), finding.detail());
                line("    -> %s", finding.remedy());
            });
            if (ofKind.size() > MOST_FINDINGS) {
                line("  and %d more; --json lists all", ofKind.size() - MOST_FINDINGS);
            }
        }
    }

    private static String verdict(Verdict verdict) {
        return verdict instanceof Verdict.Kept ? "kept: " + verdict.reason() : "pruned: " + verdict.reason();
    }

    private static String reasons(Map<String, Integer> refusals) {
        return refusals.entrySet().stream()
                .map(refusal -> refusal.getKey() + " (" + refusal.getValue() + ")")
                .collect(Collectors.joining("; "));
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append(System.lineSeparator());
    }
}
