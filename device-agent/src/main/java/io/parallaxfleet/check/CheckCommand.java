package io.parallaxfleet.check;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.ProgressLine;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
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
        description = {
            "Reports what a model is made of: operators, branches, layers, accelerator coverage,",
            "and each candidate region with N, F, B and why the thresholds keep or prune it."
        })
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

    @Option(names = "--cache", paramLabel = "DIR", description = "Where models are kept (default: ~/.cache/parallax-fleet).")
    private Path cache;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        DelegationPolicy policy;
        try {
            policy = thresholds == null ? DelegationPolicy.paper() : ThresholdText.parse(thresholds);
        } catch (IllegalArgumentException e) {
            return fail(err, e.getMessage(), BAD_ARGUMENT);
        }
        try {
            PreparedModel prepared = prepare(err);
            ModelReport report = ModelInspection.report(
                    prepared, "OpenCL catalogue", OpenClOperators::refusal, policy, BranchOptions.paper());
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(ReportJson.of(report));
            } else {
                out.print(ReportText.of(report));
            }
            out.flush();
            return 0;
        } catch (ModelFormatException | UncheckedIOException e) {
            return fail(err, e.getMessage(), BAD_INPUT);
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
        return ModelPreparation.prepare(source, dimensions, models.prepared());
    }

    private static int fail(PrintWriter err, String message, int code) {
        err.println(message);
        err.flush();
        return code;
    }
}
