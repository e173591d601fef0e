package io.parallaxfleet.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.host.FileFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code parallax zoo}: puts the models of the zoo on disk and lists them. */
@Command(
        name = "zoo",
        mixinStandardHelpOptions = true,
        description = {
            "Puts the models of the zoo on disk and lists them.",
            "The architectures are real, their weights are random: cost is meaningful, answers are not."
        })
public final class ZooCommand implements Callable<Integer> {
    private static final int BAD_ARGUMENT = 2;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Models; all of them if none is named.")
    private List<String> names = List.of();

    @Option(names = "--cache", paramLabel = "DIR", description = "Where models are kept (default: ~/.cache/parallax-fleet).")
    private Path cache;

    @Option(names = "--json", description = "Print the list as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private record Entry(ZooModel model, Path path, long bytes) {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<ZooModel> chosen = new ArrayList<>();
        for (String name : names) {
            Optional<ZooModel> model = ZooModel.named(name);
            if (model.isEmpty()) {
                err.println("'" + name + "' is not a model of the zoo; it has "
                        + ZooModel.ALL.stream().map(ZooModel::name).collect(Collectors.joining(", ")));
                err.flush();
                return BAD_ARGUMENT;
            }
            chosen.add(model.get());
        }
        ModelZoo zoo = new ModelZoo(ModelCache.at(cache).zoo());
        try (ProgressLine progress = new ProgressLine(err, System.console() != null)) {
            List<Entry> entries = new ArrayList<>();
            for (ZooModel model : chosen.isEmpty() ? ZooModel.ALL : chosen) {
                Path path = zoo.materialise(model, progress);
                entries.add(new Entry(model, path, bytes(path)));
            }
            progress.close();
            out.print(json ? json(entries) : table(entries));
            out.flush();
            return 0;
        } catch (UncheckedIOException e) {
            err.println(e.getMessage());
            err.flush();
            return 1;
        }
    }

    private static String table(List<Entry> entries) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(Locale.ROOT, "%-31s %9s  %-8s %s%n", "model", "MB", "weights", "what it is"));
        for (Entry entry : entries) {
            table.append(String.format(Locale.ROOT, "%-31s %9.1f  %-8s %s%n", entry.model().name(), entry.bytes() / 1e6,
                    weights(entry.model()), entry.model().description()));
        }
        entries.stream().findFirst().ifPresent(first -> table.append("in ")
                .append(first.path().getParent().getParent().getParent().toAbsolutePath().normalize())
                .append(System.lineSeparator()));
        return table.toString();
    }

    private static String json(List<Entry> entries) {
        List<Map<String, Object>> models = new ArrayList<>();
        for (Entry entry : entries) {
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("name", entry.model().name());
            model.put("description", entry.model().description());
            model.put("weights", weights(entry.model()));
            model.put("path", entry.path().toAbsolutePath().normalize().toString());
            model.put("bytes", entry.bytes());
            model.put("dimensions", new TreeMap<>(entry.model().defaultDimensions()));
            models.add(model);
        }
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(models)
                    + System.lineSeparator();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of texts and numbers are always JSON", e);
        }
    }

    private static String weights(ZooModel model) {
        return model.randomWeights() ? "random" : "trained";
    }

    private static long bytes(Path onnx) {
        try {
            Path weights = onnx.resolveSibling(onnx.getFileName().toString().replace(".onnx", ".weights"));
            return Files.size(onnx) + (Files.exists(weights) ? Files.size(weights) : 0);
        } catch (IOException e) {
            throw new UncheckedIOException("'" + onnx + "' cannot be read (" + FileFailure.reason(e) + ")", e);
        }
    }
}
