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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A prepared model that says the same in other operators. It has the same inputs and outputs and lies beside the optimised model,
 * whose weights file it shares; weights that lie differently are in one of its own. Sub-graphs of control flow are rewritten as models of
 * their own, which lie beside it too.
 *
 * @param original what was rewritten
 * @param ownApplications the rules that found something outside sub-graphs, in the order in which they were applied
 * @param bodies the sub-graphs that are rewritten
 */
public record RewrittenModel(PreparedModel original, List<Application> ownApplications, List<RewrittenBody> bodies) {
    /** Raised whenever a rule writes something else, so that files of earlier builds are made again. */
    public static final String REVISION = "12";

    public RewrittenModel {
        ownApplications = List.copyOf(ownApplications);
        bodies = List.copyOf(bodies);
    }

    /** Every rule that found something and where, sub-graphs last. */
    public List<Application> applications() {
        Map<Rewrite, List<String>> places = new LinkedHashMap<>();
        Stream.concat(ownApplications.stream(), bodies.stream().flatMap(body -> body.model().applications().stream()))
                .forEach(applied -> places.computeIfAbsent(applied.rule(), rule -> new ArrayList<>()).addAll(applied.places()));
        return places.entrySet().stream().map(found -> new Application(found.getKey(), found.getValue())).toList();
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

    /** Looks for what the rules know; empty where nothing of it is in the model, which then stays byte for byte what it was. */
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
        Path file = model.optimizedModel().resolveSibling(name(model, block) + ".onnx");
        if (Files.isRegularFile(file)) {
            return file;
        }
        Draft draft = rewrite(model, block).orElseThrow();
        draft.described().bodies().forEach(body -> body.into(draft.graph()));
        EditedModel built = draft.graph().build();
        if (!built.offsets().isEmpty()) {
            CachedDirectory.writeOnce(file.resolveSibling(weightsName(model, block)), out -> built.late().writeTo(out, built.offsets()));
        }
        return CachedDirectory.writeOnce(file, out -> built.model().writeTo(out));
    }

    private record Draft(RewrittenModel described, GraphEditor graph) {}

    private static String name(PreparedModel model, OptionalInt block) {
        return "rewritten-" + REVISION + (block.isPresent() ? "-blocks-of-" + block.getAsInt() : "") + body(model);
    }

    /** Bodies lie in one folder with the model that they are of. */
    private static String body(PreparedModel model) {
        String file = model.optimizedModel().getFileName().toString();
        return file.startsWith("body-") ? "-" + file.replace(".onnx", "") : "";
    }

    private static String weightsName(PreparedModel model, OptionalInt block) {
        return name(model, block) + ".weights";
    }

    private static OptionalInt block() {
        return ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment());
    }

    private static Optional<Draft> rewrite(PreparedModel model, OptionalInt block) {
        OnnxModel read = OnnxModel.read(model.optimizedModel());
        Map<String, TensorType> types = new HashMap<>(read.inferredTypes());
        model.graph().inputs().forEach(input -> model.graph().type(input).ifPresent(type -> types.put(input, type)));
        GraphEditor editor = new GraphEditor(read, types, weightsName(model, block), body(model));
        List<Application> applications = new ArrayList<>();
        for (Rewrite rule : Rewrite.all(block)) {
            List<String> places = rule.rewrite(editor);
            if (!places.isEmpty()) {
                applications.add(new Application(rule, places));
            }
        }
        List<RewrittenBody> bodies = RewrittenBody.of(model, read);
        return applications.isEmpty() && bodies.isEmpty()
                ? Optional.empty()
                : Optional.of(new Draft(new RewrittenModel(model, applications, bodies), editor));
    }

    /** {@code skip-normalization 8, attention 4}. */
    public String summary() {
        return String.join(", ", applications().stream().map(applied -> applied.rule().name() + " " + applied.places().size()).toList());
    }
}
