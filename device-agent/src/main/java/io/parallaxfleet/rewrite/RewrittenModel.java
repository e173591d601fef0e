package io.parallaxfleet.rewrite;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.cache.CachedDirectory;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A prepared model that says the same in other operators. It has the same inputs and outputs and lies beside the optimised model,
 * whose weights file it shares; weights that lie differently are in one of its own. Sub-graphs of control flow are left as they are.
 *
 * @param original what was rewritten
 * @param applications the rules that found something, in the order in which they were applied
 */
public record RewrittenModel(PreparedModel original, List<Application> applications) {
    /** Raised whenever a rule writes something else, so that files of earlier builds are made again. */
    public static final String REVISION = "9";

    public RewrittenModel {
        applications = List.copyOf(applications);
    }

    /**
     * A rule and where it matched.
     *
     * @param places one operator of each, by name
     */
    public record Application(Rewrite rule, List<String> places) {
        public Application {
            places = List.copyOf(places);
        }
    }

    /** Looks for what the rules know; empty where nothing of it is in the model, which then stays byte for byte what it was. Writes nothing. */
    public static Optional<RewrittenModel> of(PreparedModel model) {
        return rewrite(model, block()).map(Draft::described);
    }

    /** The file, written at the first call. */
    public Path file() {
        return file(original);
    }

    /**
     * The file of a model in which rules match, written at the first call.
     *
     * @throws java.util.NoSuchElementException when none does
     */
    public static Path file(PreparedModel model) {
        OptionalInt block = block();
        Path file = model.optimizedModel().resolveSibling(name(block) + ".onnx");
        if (Files.isRegularFile(file)) {
            return file;
        }
        Draft draft = rewrite(model, block).orElseThrow();
        if (!draft.graph().late().isEmpty()) {
            CachedDirectory.writeOnce(file.resolveSibling(weightsName(block)), draft.graph().late()::writeTo);
        }
        return CachedDirectory.writeOnce(file, out -> draft.graph().build().writeTo(out));
    }

    private record Draft(RewrittenModel described, GraphEditor graph) {}

    private static String name(OptionalInt block) {
        return "rewritten-" + REVISION + (block.isPresent() ? "-blocks-of-" + block.getAsInt() : "");
    }

    private static String weightsName(OptionalInt block) {
        return name(block) + ".weights";
    }

    private static OptionalInt block() {
        return ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment());
    }

    private static Optional<Draft> rewrite(PreparedModel model, OptionalInt block) {
        OnnxModel read = OnnxModel.read(model.optimizedModel());
        Map<String, TensorType> types = new HashMap<>(read.inferredTypes());
        model.graph().inputs().forEach(input -> model.graph().type(input).ifPresent(type -> types.put(input, type)));
        GraphEditor editor = new GraphEditor(read, types, weightsName(block));
        List<Application> applications = new ArrayList<>();
        for (Rewrite rule : Rewrite.all(block)) {
            List<String> places = rule.rewrite(editor);
            if (!places.isEmpty()) {
                applications.add(new Application(rule, places));
            }
        }
        return applications.isEmpty() ? Optional.empty() : Optional.of(new Draft(new RewrittenModel(model, applications), editor));
    }

    /** {@code skip-normalization 8, attention 4}. */
    public String summary() {
        return String.join(", ", applications.stream().map(applied -> applied.rule().name() + " " + applied.places().size()).toList());
    }
}
