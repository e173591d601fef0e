package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.OutputDifference;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import io.parallaxfleet.zoo.ZooModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parallax bench}: plain ONNX Runtime in its settings against the engine, alternating in one run. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Time plain ONNX Runtime (1 thread, all threads, parallel mode; spinning on and off) and the Parallax engine,"
                + " alternating in one run, back to back and paced 15 ms apart: median, p90, energy, peak memory of a process of its own.")
public final class BenchCommand implements Callable<Integer> {
    static final long INPUT_SEED = 42;
    /** For the run that is being timed; a model that is being prepared may take longer and is given up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Option(names = "--model", split = ",", paramLabel = "NAME|PATH", description = "Catalogue names or .onnx files, comma separated.")
    private List<String> models = List.of("all-minilm-l6-v2");

    @Option(names = "--all", description = "Every model of the catalogue.")
    private boolean all;

    @Option(names = "--dim", paramLabel = "NAME=VALUE", description = "Value of a symbolic dimension; repeatable.")
    private Map<String, Long> dimensions = new HashMap<>();

    @Option(names = "--runs", defaultValue = "20", description = "Timed runs of each contender in each mode (default ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--warm-up", defaultValue = "5", description = "Runs of each contender before timing (default ${DEFAULT-VALUE}).")
    private int warmUpRuns;

    @Option(names = "--mode", split = ",", defaultValue = "BACK_TO_BACK,PACED", description = "Among ${COMPLETION-CANDIDATES}.")
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

    @Override
    public Integer call() {
        if (runs < 1) {
            throw new IllegalArgumentException("--runs is " + runs + "; at least 1 is needed");
        }
        ModelCache cache = ModelCache.at(cacheDirectory);
        if (memoryTable) {
            return printMemoryTable(cache);
        }
        if (scaling) {
            return printScaling(cache);
        }
        if (overhead) {
            return printOverhead(cache);
        }
        if (pauses) {
            return printPauses(cache);
        }
        if (shapes != null) {
            return printShapes(cache);
        }
        if (withoutPruning && thresholds != null) {
            throw new IllegalArgumentException("--no-pruning and --thresholds exclude one another; give one of them");
        }
        boolean delegates = withoutPruning || thresholds != null;
        Optional<Accelerator> accelerator = delegates ? Optional.of(openAccelerator()) : Optional.empty();
        try (OrderlyEnd end = OrderlyEnd.onSignals(Thread.currentThread()::interrupt, GRACE)) {
            return bench(cache, options(cache), accelerator);
        } catch (CancellationException stopped) {
            progress("%s", stopped.getMessage());
            return 1;
        } finally {
            accelerator.ifPresent(Accelerator::close);
        }
    }

    private int printMemoryTable(ModelCache cache) {
        EngineOptions options = options(cache);
        MemoryTable table = new MemoryTable();
        for (String name : chosenModels()) {
            progress("%s: planning and profiling", name);
            table.add(MemoryTable.row(
                    ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.zoo()), dimensions, options.cacheDirectory()),
                    options.threads()));
        }
        System.out.print(table.text(markdown));
        return 0;
    }

    private int printScaling(ModelCache cache) {
        EngineOptions options = options(cache);
        ScalingTable table = new ScalingTable(options.threads());
        for (String name : chosenModels()) {
            progress("%s: profiling operators", name);
            table.add(name, ScalingProbe.measure(
                    ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.zoo()), dimensions, options.cacheDirectory()),
                    options.threads()));
        }
        System.out.print(table.text(markdown));
        return 0;
    }

    private int printOverhead(ModelCache cache) {
        EngineOptions options = options(cache);
        OverheadTable table = new OverheadTable(options.threads());
        for (String name : chosenModels()) {
            progress("%s: running", name);
            table.add(name, OverheadProbe.measure(
                    ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.zoo()), dimensions, options.cacheDirectory()), options, runs));
        }
        System.out.print(table.text(markdown));
        return 0;
    }

    private int printPauses(ModelCache cache) {
        EngineOptions options = options(cache);
        // Parallel mode is left out: it loses in either mode, and its threads would make every round longer.
        List<String> compared = Contenders.names(options.threads()).stream().filter(name -> !name.startsWith("ort-parallel")).toList();
        PauseTable table = new PauseTable(compared);
        for (String name : chosenModels()) {
            progress("%s: running", name);
            PreparedModel model =
                    ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.zoo()), dimensions, options.cacheDirectory());
            table.add(name, pauses(model, compared, options));
        }
        System.out.print(table.text(markdown));
        return 0;
    }

    private PauseProbe.Found pauses(PreparedModel model, List<String> compared, EngineOptions options) {
        List<Contender> contenders = new ArrayList<>();
        Map<String, OnnxTensor> inputs = inputs(model);
        try {
            compared.forEach(contender -> contenders.add(Contenders.open(contender, model, options)));
            return new PauseProbe(contenders, inputs, PauseProbe.Conditions.ofThisMachine())
                    .measure((runs + PauseProbe.RUNS_OF_A_VISIT - 1) / PauseProbe.RUNS_OF_A_VISIT);
        } finally {
            contenders.forEach(Contender::close);
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private int printShapes(ModelCache cache) {
        if (all || models.size() != 1 || thresholds != null || withoutPruning) {
            throw new IllegalArgumentException("--shapes is for one --model on the CPU; leave out --all, --thresholds and --no-pruning");
        }
        EngineOptions options = options(cache);
        ModelSource source = ModelCatalogue.resolve(models.get(0), cache.zoo());
        List<Map<String, Long>> dimensionsByShape = ShapeSeries.parse(shapes).dimensions(source.path(), dimensions);
        try (OrderlyEnd end = OrderlyEnd.onSignals(Thread.currentThread()::interrupt, GRACE)) {
            progress("%s: %d shapes", source.name(), dimensionsByShape.size());
            ShapesReport report = new ShapesBenchmark(source, dimensionsByShape, options, runs).run();
            System.out.print(json ? report.json(new ObjectMapper()).toPrettyString() + "\n" : report.text());
            return 0;
        } catch (CancellationException stopped) {
            progress("%s", stopped.getMessage());
            return 1;
        }
    }

    private List<String> chosenModels() {
        return all ? ZooModel.ALL.stream().map(ZooModel::name).toList() : models;
    }

    /** Times every model asked for and prints what it finds. */
    private int bench(ModelCache cache, EngineOptions options, Optional<Accelerator> accelerator) {
        Optional<EngineOptions> delegating =
                accelerator.map(device -> options.withAccelerator(device).withPolicy(
                        withoutPruning ? new DelegationPolicy.Everything() : ThresholdText.parse(thresholds), 0));
        List<BenchReport> reports = new ArrayList<>();
        if (markdown) {
            System.out.print(BenchReport.markdownHead());
        }
        for (String name : chosenModels()) {
            BenchReport report = bench(ModelCatalogue.resolve(name, cache.zoo()), options, delegating);
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
        return 0;
    }

    private static Accelerator openAccelerator() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        if (search instanceof DeviceSearch.None none) {
            throw new IllegalArgumentException("--thresholds and --no-pruning need an accelerator: " + none.reason());
        }
        return search.accelerator().orElseThrow();
    }

    private EngineOptions options(ModelCache cache) {
        return flags.applyTo(EngineOptions.defaults(cache.prepared()));
    }

    private BenchReport bench(ModelSource source, EngineOptions options, Optional<EngineOptions> delegating) {
        Map<String, Long> bound = new HashMap<>(source.defaultDimensions());
        bound.putAll(dimensions);
        progress("%s: preparing", source.name());
        PreparedModel model = ModelPreparation.prepare(source, dimensions, options.cacheDirectory());
        List<Contender> contenders = new ArrayList<>();
        try {
            for (String name : Contenders.names(options.threads())) {
                progress("%s: loading %s", source.name(), name);
                contenders.add(Contenders.open(name, model, options));
            }
            delegating.ifPresent(with -> contenders.add(new EngineContender(Contenders.ENGINE + (withoutPruning ? "-no-pruning" : "-accelerator"), model, with)));
            Map<String, OnnxTensor> inputs = inputs(model);
            try {
                return report(source, model, bound, contenders, inputs, options);
            } finally {
                inputs.values().forEach(OnnxTensor::close);
            }
        } finally {
            contenders.forEach(Contender::close);
        }
    }

    private BenchReport report(ModelSource source, PreparedModel model, Map<String, Long> bound, List<Contender> contenders,
            Map<String, OnnxTensor> inputs, EngineOptions options) {
        Map<String, Double> differences = differences(contenders, inputs);
        EnergyMeter meter =
                EnergyMeter.forShortBatches(HostFiles.ofThisMachine(), System::nanoTime, ProcessCpuTime::nanos);
        AlternatingBenchmark benchmark = new AlternatingBenchmark(contenders, inputs, runs, meter);
        benchmark.warmUp(warmUpRuns);
        Map<String, Map<Pacing, ModeSummary>> latencies = new LinkedHashMap<>();
        for (Pacing mode : modes) {
            benchmark.time(mode, (done, of) -> progress("%s: %s %d/%d", source.name(), mode, done, of))
                    .forEach((name, summary) -> latencies.computeIfAbsent(name, key -> new HashMap<>()).put(mode, summary));
        }
        List<BenchReport.Row> rows = new ArrayList<>();
        for (Contender contender : contenders) {
            OptionalLong peak = OptionalLong.empty();
            if (!withoutMemory && Contenders.names(options.threads()).contains(contender.name())) {
                progress("%s: peak memory of %s", source.name(), contender.name());
                peak = PeakMemoryProbe.measure(contender.name(), source, bound, options.cacheDirectory(), flags.arguments());
            }
            rows.add(new BenchReport.Row(contender.name(), contender.peer(), contender.setting(), latencies.get(contender.name()), peak,
                    differences.get(contender.name())));
        }
        return BenchReport.of(source.name(), model.shapeKey(), options.threads(), runs, meter.source(), rows);
    }

    /** Synthetic inputs of a prepared model; the caller closes them. */
    public static Map<String, OnnxTensor> inputs(PreparedModel model) {
        Map<String, TensorType> types = new LinkedHashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        try {
            return SyntheticInputs.create(OrtEnvironment.getEnvironment(), types, INPUT_SEED);
        } catch (OrtException e) {
            throw new ModelFormatException("no inputs can be made for " + model.originalModel() + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Double> differences(List<Contender> contenders, Map<String, OnnxTensor> inputs) {
        OutputDifference[] reference = new OutputDifference[1];
        contenders.get(0).run(inputs, outputs -> reference[0] = OutputDifference.from(outputs));
        Map<String, Double> differences = new HashMap<>();
        for (Contender contender : contenders) {
            contender.run(inputs, outputs -> differences.put(contender.name(), reference[0].of(outputs)));
        }
        return differences;
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

    private static void progress(String format, Object... arguments) {
        System.err.printf(Locale.ROOT, format + "%n", arguments);
    }
}
