package io.parallaxfleet.ablation;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.bench.AlternatingBenchmark;
import io.parallaxfleet.bench.Contender;
import io.parallaxfleet.bench.Contenders;
import io.parallaxfleet.bench.EngineContender;
import io.parallaxfleet.bench.EngineFlags;
import io.parallaxfleet.bench.MemoryTable;
import io.parallaxfleet.bench.ModeSummary;
import io.parallaxfleet.bench.ModelInputs;
import io.parallaxfleet.bench.Pacing;
import io.parallaxfleet.bench.PeakMemoryProbe;
import io.parallaxfleet.bench.WarmUp;
import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.check.PlanStructure;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.LayerTime;
import io.parallaxfleet.engine.SideBySide;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Runs every variant of one model after another in turns, and plans it in every way. */
final class AblationRun {
    /** The variants whose process peak shows what sharing saves, and what they are compared with. */
    private static final Set<String> PEAK_OF = Set.of(Variant.FULL, Variant.SPLIT, Variant.UNSHARED);

    private final EngineOptions options;
    private final DeviceSearch devices;
    private final EnergyMeter meter;
    private final Settings settings;
    private final Consumer<String> progress;

    /**
     * @param timed whether anything is timed; otherwise there are the tables that follow from plans alone
     * @param runs timed runs of each variant
     * @param peaks whether peak memory is measured, in processes of their own
     */
    record Settings(boolean timed, int runs, WarmUp warmUp, Pacing pacing, boolean peaks) {
        Settings {
            if (runs < 1) {
                throw new IllegalArgumentException("--runs is " + runs + "; at least 1 is needed");
            }
        }
    }

    AblationRun(EngineOptions options, DeviceSearch devices, EnergyMeter meter, Settings settings, Consumer<String> progress) {
        this.options = options;
        this.devices = devices;
        this.meter = meter;
        this.settings = settings;
        this.progress = progress;
    }

    ModelAblation of(ModelSource source, PreparedModel model, Map<String, Long> dimensions) {
        OperatorSupport operators = (graph, node) -> OpenClOperators.refusal(graph, node).isEmpty();
        EnginePlan split = onCpu(model, new SideBySide.ParallelLayers());
        BindingBudget budget = BindingBudget.of(split, options.threads());
        List<ModelAblation.Row> rows = List.of();
        List<LayerTime> layers = List.of();
        if (settings.timed()) {
            rows = rows(source, model, dimensions, split, Variant.all(options.threads(), budget));
            progress.accept("layers");
            layers = LayerTime.measure(model, options, settings.runs());
        }
        progress.accept("plans and arenas");
        return new ModelAblation(model.name(), model.shapeKey(), options.threads(), settings.runs(), meter.source(), rows, budget,
                BindingBudget.of(onCpu(model, new SideBySide.Everywhere()), options.threads()), MemoryTable.row(model, options.threads()), layers,
                PlanStructure.stages(model.graph(), operators, DelegationPolicy.paper(), BranchOptions.paper()));
    }

    private EnginePlan onCpu(PreparedModel model, SideBySide sideBySide) {
        return EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, sideBySide, options.threads());
    }

    private List<ModelAblation.Row> rows(
            ModelSource source, PreparedModel model, Map<String, Long> dimensions, EnginePlan split, List<Variant> variants) {
        Map<String, String> leftOut = new HashMap<>();
        variants.forEach(variant -> reasonToLeaveOut(variant, model, split).ifPresent(reason -> leftOut.put(variant.name(), reason)));
        Map<String, ModelAblation.Outcome> outcomes = run(source, model, dimensions, variants, leftOut);
        return variants.stream().map(variant -> new ModelAblation.Row(variant, outcomes.get(variant.name()))).toList();
    }

    private Optional<String> reasonToLeaveOut(Variant variant, PreparedModel model, EnginePlan split) {
        if (variant.kind() == Variant.Kind.SPLIT && split.execution() != Execution.SPLIT) {
            return Optional.of("no layer is worth splitting: the plan is one session");
        }
        if (variant.delegation().isEmpty()) {
            return Optional.empty();
        }
        if (devices instanceof DeviceSearch.None none) {
            return Optional.of("no accelerator: " + none.reason());
        }
        EnginePlan plan = EnginePlanner.plan(model, devices.accelerator().orElseThrow(), variant.delegation().get(), 0,
                new SideBySide.Nowhere(), options.threads());
        return plan.delegatedRegions() == 0 ? Optional.of("no region passes") : Optional.empty();
    }

    private Map<String, ModelAblation.Outcome> run(ModelSource source, PreparedModel model, Map<String, Long> dimensions,
            List<Variant> variants, Map<String, String> leftOut) {
        Map<String, ModelAblation.Outcome> outcomes = new HashMap<>();
        leftOut.forEach((variant, reason) -> outcomes.put(variant, new ModelAblation.LeftOut(reason)));
        List<Variant> running = variants.stream().filter(variant -> !leftOut.containsKey(variant.name())).toList();
        Map<String, Contender> contenders = new LinkedHashMap<>();
        try (ModelInputs inputs = ModelInputs.of(model)) {
            for (Variant variant : running) {
                progress.accept("loading " + variant.name());
                contenders.put(variant.name(), open(variant, model));
            }
            List<Contender> named = new ArrayList<>();
            contenders.forEach((name, contender) -> named.add(new Named(name, contender)));
            Map<String, Double> differences = Contenders.differences(named, inputs.tensors());
            AlternatingBenchmark benchmark = new AlternatingBenchmark(named, inputs.tensors(), settings.runs(), meter);
            progress.accept("warming up");
            benchmark.warmUp(settings.warmUp());
            Map<String, ModeSummary> summaries =
                    benchmark.time(settings.pacing(), (done, of) -> progress.accept(done + "/" + of));
            for (Variant variant : running) {
                outcomes.put(variant.name(), new ModelAblation.Ran(contenders.get(variant.name()).setting(),
                        summaries.get(variant.name()), peak(variant, source, dimensions), differences.get(variant.name())));
            }
        } finally {
            contenders.values().forEach(Contender::close);
        }
        return outcomes;
    }

    private Contender open(Variant variant, PreparedModel model) {
        EngineOptions with = EngineFlags.parse(variant.engineFlags()).applyTo(options);
        if (variant.kind() == Variant.Kind.PLAIN) {
            return Contenders.open(variant.contender(), model, with);
        }
        if (variant.delegation().isPresent()) {
            with = with.withAccelerator(devices.accelerator().orElseThrow()).withPolicy(variant.delegation().get(), 0);
        }
        return new EngineContender(variant.name(), model, with);
    }

    private OptionalLong peak(Variant variant, ModelSource source, Map<String, Long> dimensions) {
        boolean allThreads = variant.contender().equals("ort-all-threads") && variant.threads(options.threads()) == options.threads();
        if (!settings.peaks() || !PEAK_OF.contains(variant.name()) && !allThreads) {
            return OptionalLong.empty();
        }
        progress.accept("peak memory of " + variant.name());
        List<String> flags = new ArrayList<>(variant.engineFlags());
        if (!flags.contains("--threads")) {
            flags.addAll(List.of("--threads", Integer.toString(options.threads())));
        }
        return PeakMemoryProbe.measure(variant.contender(), source, dimensions, options.cacheDirectory(), flags);
    }

    /** A contender under the name of its variant. */
    private record Named(String name, Contender contender) implements Contender {
        @Override
        public boolean peer() {
            return contender.peer();
        }

        @Override
        public String setting() {
            return contender.setting();
        }

        @Override
        public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
            return contender.run(inputs, outputs);
        }

        @Override
        public void close() {
            contender.close();
        }
    }
}
