package io.parallaxfleet.ablation;

import io.parallaxfleet.bench.Pacing;
import io.parallaxfleet.bench.WarmUp;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.host.FileFailure;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.ZooModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax ablation}: what each part of the engine is worth, as the tables and figures of the paper. */
@Command(
        name = "ablation",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Time plain ONNX Runtime and the engine with one part left out at a time, alternating in one run: latency, energy,"
                + " arenas, layers and graph structure as Markdown tables, and SVG plots.")
public final class AblationCommand implements Callable<Integer> {
    /** For the run that is being timed; a model that is being prepared may take longer and is given up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Option(names = "--model", split = ",", paramLabel = "NAME|PATH",
            description = "Models of the zoo or .onnx files, comma separated (default: the paper's five architectures).")
    private List<String> models = List.of("yolov8n", "whisper_tiny_encoder", "whisper_tiny_decoder", "swinv2_tiny_256",
            "clip_text_vit_b32", "distilbert_sst2");

    @Option(names = "--all", description = "Every model of the zoo.")
    private boolean all;

    @Option(names = "--dim", paramLabel = "NAME=VALUE", description = "Value of a symbolic dimension; repeatable.")
    private Map<String, Long> dimensions = new HashMap<>();

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: the performance cores, at most 6); fewer are timed too.")
    private Integer threads;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "10", description = "Timed runs of each row (default ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--warm-up", paramLabel = "RUNS", description = WarmUp.OPTION)
    private Integer warmUpRuns;

    @Option(names = "--mode", paramLabel = "MODE", defaultValue = "BACK_TO_BACK", description = "One of ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private Pacing pacing;

    @Option(names = "--plans-only", description = "Time nothing: the tables that follow from plans, the same on every machine with as many"
            + " threads, and what ONNX Runtime's arena was measured to take.")
    private boolean plansOnly;

    @Option(names = "--no-memory", description = "Do not measure peak memory, which starts three processes for each model.")
    private boolean withoutMemory;

    @Option(names = "--out", paramLabel = "DIR", description = "Also write ablation.md and the plots there.")
    private Path out;

    @Option(names = "--cache", paramLabel = "DIR", description = "Where models are kept (default: ~/.cache/parallax-fleet).")
    private Path cacheDirectory;

    @Option(names = "--json", description = "Print one JSON document instead of the tables.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        ModelCache cache = ModelCache.at(cacheDirectory);
        AblationRun.Settings settings = new AblationRun.Settings(!plansOnly, runs, WarmUp.of(warmUpRuns), pacing, !withoutMemory);
        EngineOptions options = EngineOptions.defaults(cache.prepared());
        if (threads != null) {
            options = options.withThreads(threads);
        }
        DeviceSearch devices = plansOnly ? new DeviceSearch.None("nothing is timed") : OpenClDevices.search(OpenClOptions.defaults());
        try (OrderlyEnd end = OrderlyEnd.onSignals(Thread.currentThread()::interrupt, GRACE)) {
            // What cannot be found or written is told before the hour of measuring, not after it.
            List<ModelSource> sources = (all ? ZooModel.ALL.stream().map(ZooModel::name) : models.stream())
                    .map(name -> ModelCatalogue.resolve(name, cache.zoo())).toList();
            makeOut();
            List<ModelAblation> found = new ArrayList<>();
            for (ModelSource source : sources) {
                found.add(ablation(source, options, devices, settings));
            }
            print(found);
            return 0;
        } catch (CancellationException stopped) {
            progress(stopped.getMessage());
            return 1;
        } finally {
            devices.accelerator().ifPresent(Accelerator::close);
        }
    }

    private ModelAblation ablation(ModelSource source, EngineOptions options, DeviceSearch devices, AblationRun.Settings settings) {
        Map<String, Long> bound = new HashMap<>(source.defaultDimensions());
        bound.putAll(dimensions);
        progress(source.name() + ": preparing");
        PreparedModel model = ModelPreparation.prepare(source, dimensions, options.cacheDirectory());
        EnergyMeter meter = EnergyMeter.forShortBatches(HostFiles.ofThisMachine(), System::nanoTime, ProcessCpuTime::nanos);
        return new AblationRun(options, devices, meter, settings, step -> progress(source.name() + ": " + step))
                .of(source, model, bound);
    }

    private void print(List<ModelAblation> found) {
        String tables = AblationTables.markdown(found);
        PrintWriter writer = spec.commandLine().getOut();
        writer.print(json ? AblationJson.of(found) + System.lineSeparator() : tables);
        writer.flush();
        if (out != null) {
            try {
                Files.writeString(out.resolve("ablation.md"), tables);
                Map<String, String> charts = plansOnly ? Map.of() : AblationCharts.of(found);
                for (Map.Entry<String, String> chart : charts.entrySet()) {
                    Files.writeString(out.resolve(chart.getKey()), chart.getValue());
                }
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    private void makeOut() {
        if (out != null) {
            try {
                Files.createDirectories(out);
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    private UncheckedIOException unwritable(IOException cause) {
        return new UncheckedIOException("'" + out + "' cannot be written (" + FileFailure.reason(cause) + ")", cause);
    }

    private void progress(String line) {
        PrintWriter writer = spec.commandLine().getErr();
        writer.println(line);
        writer.flush();
    }
}
