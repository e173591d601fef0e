package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.MemoryRules;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.schedule.SubsetRule;
import io.parallaxfleet.workload.ObjectiveOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Flags that change how the engine runs on the CPU, each on its own. An ablation is a line of them, so that anyone can repeat it. */
@Command
public final class EngineFlags {
    @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: the performance cores, at most 6).")
    private Integer threads;

    @Option(names = "--execution", paramLabel = "WAY", converter = CpuExecutionText.class,
            description = "Force the engine's CPU execution, ONE_SESSION, REWRITTEN or SPLIT (default: measured).")
    private Execution execution;

    @Option(names = "--no-parallelism", description = "Run no branches side by side: one session over what is not delegated.")
    private boolean withoutParallelism;

    @Option(names = "--exact", description = "Keep the model's operators as they are: one session gives the bits of plain ONNX Runtime.")
    private boolean exact;

    @Option(names = "--layer-barrier", description = "Let the engine's layers wait for one another, as in the paper.")
    private boolean layerBarrier;

    @Option(names = "--budget", paramLabel = "BYTES", description = "The most memory that branches side by side may take (default: what"
            + " the OS leaves, less a margin).")
    private Long budgetBytes;

    @Option(names = "--memory-margin", paramLabel = "SHARE", description = "Share of the free memory that is left alone, from 0 to below 1"
            + " (default: 0.4; the paper: 0.3 to 0.5).")
    private Double memoryMargin;

    @Option(names = "--greedy-subset", description = "Under a budget that does not hold all branches run the most numerous set of them, as"
            + " in the paper, instead of the one that saves most time.")
    private boolean greedySubset;

    @Option(names = "--no-sharing", description = "Let no step use the storage of another.")
    private boolean withoutSharing;

    @Mixin
    private ObjectiveOptions objective = new ObjectiveOptions();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * Reads flags written as on the command line.
     *
     * @throws ParameterException for what is no such flag
     */
    public static EngineFlags parse(List<String> arguments) {
        EngineFlags flags = new EngineFlags();
        new CommandLine(flags).parseArgs(arguments.toArray(String[]::new));
        return flags;
    }

    /** The options with the flags that are set. */
    public EngineOptions applyTo(EngineOptions options) {
        if (withoutParallelism && (execution == Execution.SPLIT || layerBarrier || greedySubset)) {
            throw new ParameterException(commandLine(),
                    "--no-parallelism excludes --execution SPLIT, --layer-barrier and --greedy-subset: they are about branches side by side");
        }
        if (threads != null && threads < 1) {
            throw new ParameterException(commandLine(), "--threads is " + threads + "; at least 1 is needed");
        }
        if (budgetBytes != null && budgetBytes < 0) {
            throw new ParameterException(commandLine(), "--budget is " + budgetBytes + "; it cannot be negative");
        }
        if (memoryMargin != null && !(memoryMargin >= 0 && memoryMargin < 1)) {
            throw new ParameterException(commandLine(), "--memory-margin is " + memoryMargin + "; it must be in [0, 1)");
        }
        if (exact && execution == Execution.REWRITTEN) {
            throw new ParameterException(commandLine(), "--exact excludes --execution REWRITTEN; give one of them");
        }
        EngineOptions with = options.withLayerBarrier(layerBarrier).withObjective(objective.objective()).withExact(exact);
        if (threads != null) {
            with = with.withThreads(threads);
        }
        if (withoutParallelism || execution != null) {
            with = with.withExecution(withoutParallelism ? Execution.ONE_SESSION : execution);
        }
        if (budgetBytes != null) {
            with = with.withMemory(with.memory().withCap(budgetBytes));
        }
        if (memoryMargin != null) {
            with = with.withMemory(with.memory().withMargin(memoryMargin));
        }
        if (greedySubset) {
            with = with.withSubset(SubsetRule.MOST_NUMEROUS);
        }
        return withoutSharing ? with.withMemory(with.memory().withSharing(StorageSharing.WITHIN_STEPS)) : with;
    }

    private CommandLine commandLine() {
        return spec == null ? new CommandLine(this) : spec.commandLine();
    }

    /** The flags that are set, as {@link #parse} reads them. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (threads != null) {
            arguments.addAll(List.of("--threads", threads.toString()));
        }
        if (execution != null) {
            arguments.addAll(List.of("--execution", execution.name()));
        }
        if (budgetBytes != null) {
            arguments.addAll(List.of("--budget", budgetBytes.toString()));
        }
        if (memoryMargin != null) {
            arguments.addAll(List.of("--memory-margin", memoryMargin.toString()));
        }
        if (withoutParallelism) {
            arguments.add("--no-parallelism");
        }
        if (exact) {
            arguments.add("--exact");
        }
        if (layerBarrier) {
            arguments.add("--layer-barrier");
        }
        if (greedySubset) {
            arguments.add("--greedy-subset");
        }
        if (withoutSharing) {
            arguments.add("--no-sharing");
        }
        arguments.addAll(objective.arguments());
        return arguments;
    }

    /** What the options leave out or add, for the tables; empty for the engine as it is. */
    static String describe(EngineOptions options) {
        List<String> words = new ArrayList<>();
        options.execution().ifPresent(forced -> words.add("forced"));
        if (options.exact()) {
            words.add("exact");
        }
        if (options.scheduling().layerBarrier()) {
            words.add("layer barrier");
        }
        if (options.memory().margin() != MemoryRules.defaults().margin()) {
            words.add("margin " + options.memory().margin());
        }
        options.memory().capBytes().ifPresent(bytes -> words.add("budget " + bytes + " B"));
        if (options.scheduling().subset() == SubsetRule.MOST_NUMEROUS) {
            words.add("greedy subset");
        }
        if (options.memory().sharing() == StorageSharing.WITHIN_STEPS) {
            words.add("no sharing");
        }
        if (options.accelerator().isPresent()) {
            words.add(options.policy().describe());
        }
        return words.stream().map(word -> ", " + word).collect(Collectors.joining());
    }
}
