package io.parallaxfleet.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.ZooModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parallax bench}: plain ONNX Runtime in its settings against the engine, alternating in one run. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Time plain ONNX Runtime (1 thread, all threads, parallel mode; spinning on and off) and the Parallax engine,"
                + " alternating in one run, back to back and paced 15 ms apart: median, p90, energy, peak memory of a process of its own.")
public final class BenchCommand implements Callable<Integer> {
    /** For the run that is being timed; a model that is being prepared may take longer and is given up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Option(names = "--model", split = ",", paramLabel = "NAME|PATH", description = "Models of the zoo or .onnx files,"
            + " comma separated (default: all-minilm-l6-v2).")
    private List<String> models = List.of("all-minilm-l6-v2");

    @Option(names = "--all", description = "Every model of the zoo.")
    private boolean all;

    @Option(names = "--dim", paramLabel = "NAME=VALUE", description = "Value of a symbolic dimension; repeatable.")
    private Map<String, Long> dimensions = new HashMap<>();

    @Option(names = "--runs", paramLabel = "N", defaultValue = "20", description = "Timed runs of each contender in each mode (default ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--warm-up", paramLabel = "RUNS", description = WarmUp.OPTION)
    private Integer warmUpRuns;

    @Option(names = "--mode", paramLabel = "MODE", split = ",", defaultValue = "BACK_TO_BACK,PACED",
            description = "How runs follow one another: ${COMPLETION-CANDIDATES}, or both (default: both).")
    private List<Pacing> modes;

    @Mixin
    private EngineFlags flags;

    @Option(names = "--no-memory", description = "Do not measure peak memory, which starts a process for each contender.")
    private boolean withoutMemory;

    @Option(names = "--memory-table", description = "Time nothing: print the bytes of intermediate tensors that each model needs by"
            + " plan, and what ONNX Runtime's arena was measured to take, in MB.")
    private boolean memoryTable;

    @Option(names = "--scaling", description = "Profile plain ONNX Runtime's operators on one thread and on all: where threads lose time,"
            + " and how fast the best schedule of the same operators could be.")
    private boolean scaling;

    @Option(names = "--overhead", description = "What the engine itself costs in the steady state: Java heap of a run, time outside kernels,"
            + " and the parallel efficiency T1/(p Tp) of its plan. With --execution SPLIT that of the split plan.")
    private boolean overhead;

    @Option(names = "--pauses", description = "What a pause of 15 ms before an inference costs plain ONNX Runtime and the engine, and where:"
            + " after a pause in which the caller's core was busy, and after one in which it slept, over back to back.")
    private boolean pauses;

    @Option(names = "--shapes", paramLabel = "INPUT:SHAPES", description = "Let inputs change shape from run to run, as in"
            + " input_ids:1x32,1x64,1x128 (several inputs separated by semicolons): plain ONNX Runtime with open dimensions against the"
            + " engine with a plan for each shape, and what planning takes the first time and later. For one --model.")
    private String shapes;

    @Option(names = "--thresholds", paramLabel = "TEXT", description = "Also time the engine with the accelerator under these thresholds:"
            + " N=3,F=1e9,B/F=0.1 or paper.")
    private String thresholds;

    @Option(names = "--no-pruning", description = "Also time the engine with the accelerator and every candidate region on it, whatever"
            + " it costs.")
    private boolean withoutPruning;

    @Option(names = "--cache", paramLabel = "DIR", description = "Where models are kept (default: ~/.cache/parallax-fleet).")
    private Path cacheDirectory;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Option(names = "--markdown", description = "Print a Markdown table.")
    private boolean markdown;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (runs < 1) {
            throw misuse("--runs is " + runs + "; at least 1 is needed");
        }
        if (warmUpRuns != null && warmUpRuns < 0) {
            throw misuse("--warm-up is " + warmUpRuns + "; it cannot be negative");
        }
        if (withoutPruning && thresholds != null) {
            throw misuse("--no-pruning and --thresholds exclude one another; give one of them");
        }
        requireOneReport();
        Optional<DelegationPolicy> policy = policy();
        ModelCache cache = ModelCache.at(cacheDirectory);
        EngineOptions options = flags.applyTo(EngineOptions.defaults(cache.prepared()));
        try (OrderlyEnd end = OrderlyEnd.onSignals(Thread.currentThread()::interrupt, GRACE)) {
            Optional<ModelTable> table = table(options);
            if (table.isPresent()) {
                print(table.get(), cache, options);
            } else if (shapes != null) {
                printShapes(cache, options);
            } else {
                printLatencies(cache, options, policy);
            }
            return 0;
        } catch (CancellationException stopped) {
            progress(stopped.getMessage());
            return 1;
        }
    }

    /** What is asked for and not given would be taken for granted. */
    private void requireOneReport() {
        long tables = Stream.of(memoryTable, scaling, overhead, pauses).filter(asked -> asked).count();
        if (tables + (shapes == null ? 0 : 1) > 1) {
            throw misuse("--memory-table, --scaling, --overhead, --pauses and --shapes are reports of their own; give one of them");
        }
        if (tables == 1 && (json || thresholds != null || withoutPruning)) {
            throw misuse("--memory-table, --scaling, --overhead and --pauses take no --json, --thresholds or --no-pruning");
        }
        if (json && markdown) {
            throw misuse("--json and --markdown exclude one another; give one of them");
        }
    }

    private Optional<DelegationPolicy> policy() {
        try {
            return withoutPruning
                    ? Optional.of(new DelegationPolicy.Everything())
                    : Optional.ofNullable(thresholds).map(ThresholdText::parse);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Optional<ModelTable> table(EngineOptions options) {
        if (memoryTable) {
            return Optional.of(ModelTable.memory(options));
        }
        if (scaling) {
            return Optional.of(ModelTable.scaling(options));
        }
        if (overhead) {
            return Optional.of(ModelTable.overhead(options, runs));
        }
        return pauses ? Optional.of(ModelTable.pauses(options, WarmUp.of(warmUpRuns), runs)) : Optional.empty();
    }

    private void print(ModelTable table, ModelCache cache, EngineOptions options) {
        for (ModelSource source : chosenModels(cache)) {
            progress(source.name() + ": " + table.doing());
            table.add().accept(ModelPreparation.prepare(source, dimensions, options.cacheDirectory()));
        }
        System.out.print(table.text().of(markdown));
    }

    private void printShapes(ModelCache cache, EngineOptions options) {
        if (all || models.size() != 1 || thresholds != null || withoutPruning) {
            throw misuse("--shapes is for one --model on the CPU; leave out --all, --thresholds and --no-pruning");
        }
        ModelSource source = ModelCatalogue.resolve(models.get(0), cache.zoo());
        List<Map<String, Long>> dimensionsByShape = ShapeSeries.parse(shapes).dimensions(source.path(), dimensions);
        progress(source.name() + ": " + dimensionsByShape.size() + " shapes");
        ShapesReport report = new ShapesBenchmark(source, dimensionsByShape, options, WarmUp.of(warmUpRuns), runs).run();
        System.out.print(json ? report.json(new ObjectMapper()).toPrettyString() + "\n" : report.text());
    }

    private void printLatencies(ModelCache cache, EngineOptions options, Optional<DelegationPolicy> policy) {
        LatencyBench.Settings settings = new LatencyBench.Settings(modes, WarmUp.of(warmUpRuns), runs,
                withoutMemory ? Optional.empty() : Optional.of(flags.arguments()));
        Optional<Accelerator> accelerator = policy.map(delegates -> openAccelerator());
        try {
            Optional<LatencyBench.Delegating> delegating = accelerator.map(device -> new LatencyBench.Delegating(
                    withoutPruning ? "no-pruning" : "accelerator",
                    options.withAccelerator(device).withPolicy(policy.orElseThrow(), 0)));
            print(chosenModels(cache), new LatencyBench(options, delegating, settings, BenchCommand::progress));
        } finally {
            accelerator.ifPresent(Accelerator::close);
        }
    }

    private void print(List<ModelSource> sources, LatencyBench bench) {
        List<BenchReport> reports = new ArrayList<>();
        if (markdown) {
            System.out.print(BenchReport.markdownHead());
        }
        for (ModelSource source : sources) {
            BenchReport report = bench.of(source, dimensions);
            reports.add(report);
            if (markdown) {
                System.out.print(report.markdown());
            } else if (!json) {
                System.out.println(report.text());
            }
        }
        if (json) {
            System.out.println(json(reports));
        } else if (reports.size() > 1) {
            for (Pacing mode : modes) {
                BenchReport.geometricMean(reports, mode).ifPresent(mean -> System.out.printf(Locale.ROOT,
                        "%sgeometric mean over %d models, %s: %.3f x the best plain setting of each%n", markdown ? "\n" : "",
                        reports.size(), mode == Pacing.PACED ? "paced" : "back to back", mean));
            }
        }
    }

    /** All names are looked up before anything is measured: a typing error in the last must not cost the minutes before it. */
    private List<ModelSource> chosenModels(ModelCache cache) {
        return (all ? ZooModel.ALL.stream().map(ZooModel::name) : models.stream())
                .map(name -> ModelCatalogue.resolve(name, cache.zoo()))
                .toList();
    }

    private static Accelerator openAccelerator() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        if (search instanceof DeviceSearch.None none) {
            throw new IllegalArgumentException("--thresholds and --no-pruning need an accelerator: " + none.reason());
        }
        return search.accelerator().orElseThrow();
    }

    private static String json(List<BenchReport> reports) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("machine", System.getProperty("os.arch") + ", " + Runtime.getRuntime().availableProcessors() + " processors, Java "
                + Runtime.version());
        ArrayNode entries = root.putArray("models");
        reports.forEach(report -> entries.add(report.json(mapper)));
        return root.toPrettyString();
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static void progress(String line) {
        System.err.println(line);
    }
}
