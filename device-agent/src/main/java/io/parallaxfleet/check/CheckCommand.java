package io.parallaxfleet.check;

import ai.onnxruntime.OrtException;
import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.check.drawing.PlanDrawing;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.host.FileFailure;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.ProgressLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parallax check}: what a model would be made of on this device, without running it. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Reports what a model is made of: operators, branches, layers, accelerator coverage, each candidate region with N, F, B"
                + " and why it is kept or pruned, and what keeps work off the accelerator: open shapes, control flow, precisions, missing"
                + " kernels.")
public final class CheckCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 1;
    private static final int BAD_ARGUMENT = 2;

    @ArgGroup(multiplicity = "1")
    private ModelChoice chosen;

    /** The model, with or without the option's name. */
    private static final class ModelChoice {
        @Parameters(paramLabel = "MODEL", description = "A model of the zoo or the path of an .onnx file.")
        private String positional;

        @Option(names = "--model", paramLabel = "MODEL", description = "The same, by name.")
        private String named;

        private String model() {
            return positional == null ? named : positional;
        }
    }

    @Option(names = "--dim", paramLabel = "NAME=VALUE", description = "Value of an open input dimension; may be repeated.")
    private Map<String, Long> dimensions = Map.of();

    @Option(
            names = "--thresholds",
            paramLabel = "N=..,F=..,B/F=..",
            description = "Thresholds to judge by, or 'never' (default: the paper's, N=3,F=1e9,B/F=0.1).")
    private String thresholds;

    @Option(
            names = "--break-even",
            description = "Judge by exact break-even with the paper's constants instead of by thresholds.")
    private boolean breakEven;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads to plan for (default: the performance cores, at most 6).")
    private Integer threads;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also draw the plan: layers as rows, branches side by side.")
    private Path svg;

    @Option(names = "--dot", paramLabel = "FILE", description = "Also write the same drawing for Graphviz.")
    private Path dot;

    @Option(names = "--cache", paramLabel = "DIR", description = "Where models are kept (default: ~/.cache/parallax-fleet).")
    private Path cache;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (breakEven && thresholds != null) {
            return fail(err, "--break-even and --thresholds exclude one another; give one of them", BAD_ARGUMENT);
        }
        if (threads != null && threads < 1) {
            return fail(err, "--threads is " + threads + "; at least 1 is needed", BAD_ARGUMENT);
        }
        DelegationPolicy policy;
        try {
            policy = policy();
        } catch (IllegalArgumentException e) {
            return fail(err, e.getMessage(), BAD_ARGUMENT);
        }
        try {
            report(prepare(err), policy);
            return 0;
        } catch (RefusedModel e) {
            show(json ? ReportJson.ofRefused(e.model, e.getMessage(), e.findings) + System.lineSeparator() : ReportText.of(e.findings));
            return fail(err, e.getMessage(), BAD_INPUT);
        } catch (ModelFormatException | UncheckedIOException e) {
            return fail(err, e.getMessage(), BAD_INPUT);
        }
    }

    private DelegationPolicy policy() {
        if (breakEven) {
            return DelegationPolicy.paperBreakEven();
        }
        return thresholds == null ? DelegationPolicy.paper() : ThresholdText.parse(thresholds);
    }

    private void report(PreparedModel prepared, DelegationPolicy policy) {
        ModelReport report = ModelInspection.report(
                prepared, "OpenCL catalogue", OpenClOperators::refusal, policy, BranchOptions.paper(),
                threads == null ? EngineOptions.defaults(ModelCache.at(cache).prepared()).threads() : threads, System::nanoTime);
        show(json ? ReportJson.of(report) + System.lineSeparator() : ReportText.of(report));
        if (svg != null || dot != null) {
            List<BranchPlan> plans = ModelInspection.plans(prepared, OpenClOperators::refusal, policy, BranchOptions.paper());
            write(svg, plans, PlanDrawing::svg);
            write(dot, plans, PlanDrawing::dot);
        }
    }

    private static void write(Path file, List<BranchPlan> plans, Function<List<BranchPlan>, String> drawing) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, drawing.apply(plans));
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' cannot be written (" + FileFailure.reason(e) + ")", e);
        }
    }

    private void show(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    /** A model that ONNX Runtime does not open, with the operators that are the reason. */
    private static final class RefusedModel extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String model;
        private final transient List<Finding> findings;

        private RefusedModel(String model, List<Finding> findings, ModelFormatException cause) {
            super(cause.getMessage(), cause);
            this.model = model;
            this.findings = findings;
        }
    }

    private PreparedModel prepare(PrintWriter err) {
        ModelCache models = ModelCache.at(cache);
        ModelSource source;
        try (ProgressLine progress = new ProgressLine(err, System.console() != null)) {
            source = ModelCatalogue.resolve(chosen.model(), models.zoo(), progress);
        }
        err.println("preparing " + source.name());
        err.flush();
        try {
            return ModelPreparation.prepare(source, dimensions, models.prepared());
        } catch (ModelFormatException e) {
            // Only where ONNX Runtime was asked at all is there more to tell than the one line.
            List<Finding> missing = e.getCause() instanceof OrtException
                    ? KernelProbe.missingKernels(OnnxModel.read(source.path()))
                    : List.of();
            if (missing.isEmpty()) {
                throw e;
            }
            throw new RefusedModel(source.name(), missing, e);
        }
    }

    private static int fail(PrintWriter err, String message, int code) {
        err.println(message);
        err.flush();
        return code;
    }
}
