package io.parallaxfleet.bench;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/** Times plain ONNX Runtime in its settings and the engine on one model after another. */
final class LatencyBench {
    private final EngineOptions options;
    private final Optional<Delegating> delegating;
    private final Settings settings;
    private final Consumer<String> progress;

    /**
     * @param modes in which each contender is timed
     * @param runs timed runs of each contender in each mode
     * @param memoryFlags the engine's flags for the processes that measure peak memory; empty: they are not measured
     */
    record Settings(List<Pacing> modes, WarmUp warmUp, int runs, Optional<List<String>> memoryFlags) {
        Settings {
            modes = List.copyOf(modes);
        }
    }

    /**
     * One more contender: the engine with its accelerator.
     *
     * @param suffix of its name
     */
    record Delegating(String suffix, EngineOptions options) {}

    /** @param progress takes a line now and then */
    LatencyBench(EngineOptions options, Optional<Delegating> delegating, Settings settings, Consumer<String> progress) {
        this.options = options;
        this.delegating = delegating;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Prepares, loads and times one model.
     *
     * @param dimensions values of symbolic dimensions
     * @throws CancellationException when the thread is interrupted
     */
    BenchReport of(ModelSource source, Map<String, Long> dimensions) {
        say(source, "preparing");
        PreparedModel model = ModelPreparation.prepare(source, dimensions, options.cacheDirectory());
        say(source, "loading");
        List<String> names = Contenders.names(options.threads());
        try (OpenContenders contenders = OpenContenders.of(names, model, options); ModelInputs inputs = ModelInputs.of(model)) {
            delegating.ifPresent(with ->
                    contenders.add(new EngineContender(Contenders.ENGINE + "-" + with.suffix(), model, with.options())));
            Map<String, Double> differences = Contenders.differences(contenders.all(), inputs.tensors());
            EnergyMeter meter = EnergyMeter.forShortBatches(HostFiles.ofThisMachine(), System::nanoTime, ProcessCpuTime::nanos);
            Map<String, Map<Pacing, ModeSummary>> latencies =
                    latencies(source, new AlternatingBenchmark(contenders.all(), inputs.tensors(), settings.runs(), meter));
            List<BenchReport.Row> rows = new ArrayList<>();
            for (Contender contender : contenders.all()) {
                OptionalLong peak =
                        names.contains(contender.name()) ? peakMemory(contender.name(), source, dimensions) : OptionalLong.empty();
                rows.add(new BenchReport.Row(contender.name(), contender.peer(), contender.setting(), latencies.get(contender.name()),
                        peak, differences.get(contender.name())));
            }
            return BenchReport.of(source.name(), model.shapeKey(), options.threads(), settings.runs(), meter.source(), rows);
        }
    }

    private Map<String, Map<Pacing, ModeSummary>> latencies(ModelSource source, AlternatingBenchmark benchmark) {
        say(source, "warming up");
        benchmark.warmUp(settings.warmUp());
        Map<String, Map<Pacing, ModeSummary>> latencies = new LinkedHashMap<>();
        for (Pacing mode : settings.modes()) {
            benchmark.time(mode, (done, of) -> say(source, mode + " " + done + "/" + of))
                    .forEach((name, summary) -> latencies.computeIfAbsent(name, key -> new HashMap<>()).put(mode, summary));
        }
        return latencies;
    }

    private OptionalLong peakMemory(String contender, ModelSource source, Map<String, Long> dimensions) {
        if (settings.memoryFlags().isEmpty()) {
            return OptionalLong.empty();
        }
        say(source, "peak memory of " + contender);
        Map<String, Long> bound = new HashMap<>(source.defaultDimensions());
        bound.putAll(dimensions);
        return PeakMemoryProbe.measure(contender, source, bound, options.cacheDirectory(), settings.memoryFlags().orElseThrow());
    }

    private void say(ModelSource source, String what) {
        progress.accept(source.name() + ": " + what);
    }
}
