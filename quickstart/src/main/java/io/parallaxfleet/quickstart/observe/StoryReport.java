package io.parallaxfleet.quickstart.observe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.partition.DelegationPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The stories of the classes as text for people and as JSON for machines. */
public final class StoryReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StoryReport() {}

    /** A few lines per class and a row per model. */
    public static List<String> text(List<ClassStory> stories) {
        List<String> lines = new ArrayList<>();
        if (stories.isEmpty()) {
            lines.add("No device has reported yet.");
        }
        for (ClassStory story : stories) {
            lines.add(String.format(Locale.ROOT, "%s  %s  %d device%s, %s", story.deviceClass(),
                    story.label(), story.devices(), story.devices() == 1 ? "" : "s", samples(story)));
            lines.add("  thresholds  epoch " + story.epochBefore() + ": " + story.policyBefore().describe()
                    + story.policyAfter().map(after -> "  ->  epoch " + story.epochAfter() + ": " + after.describe())
                            .orElse("  ->  none published"));
            if (story.invalidSamples() > story.samples()) {
                lines.add("  note        most inferences were invalid: disturbed by other load on the device, throttled or fallen back"
                        + (story.simulated() ? "" : "; close other programs"));
            }
            if (story.policyAfter().isEmpty()) {
                story.decision().ifPresent(decision -> lines.add("  decision    " + decision));
            }
            lines.add("  direction   " + story.direction().text() + " (" + story.applied() + " of " + story.devices()
                    + " devices applied it" + (story.refused() == 0 ? "" : ", " + story.refused() + " refused") + ")");
            TextTable table = new TextTable(List.of("  model", "p50 before", "samples", "p50 after", "samples", "after/before",
                    "plan", "energy before", "after", "memory before", "after"));
            for (ModelStory model : story.models()) {
                table.row("  " + model.model(), latency(model.before()), samples(model.before()), latency(model.after()),
                        samples(model.after()), ratio(model.ratio()), plan(story, model), energy(model.before()), energy(model.after()),
                        overhead(model.before()), overhead(model.after()));
            }
            if (!story.models().isEmpty()) {
                lines.addAll(table.lines());
            }
            lines.addAll(overall(story));
            lines.add("");
        }
        return lines;
    }

    private static List<String> overall(ClassStory story) {
        if (story.allModelsRatio().isEmpty()) {
            return List.of();
        }
        double all = story.allModelsRatio().getAsDouble();
        if (story.overallRatio().isEmpty()) {
            return List.of(String.format(Locale.ROOT,
                    "  overall     no model changed its plan; %.2f x the latency before over all models, not by the thresholds", all));
        }
        double moved = story.overallRatio().getAsDouble();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "  overall     %.2f x the latency before (geometric mean over the %d of %d models whose plan "
                + "changed): %s", moved, story.replanned().size(), story.models().size(), change(moved)));
        if (story.adjustedRatio().isPresent()) {
            double adjusted = story.adjustedRatio().getAsDouble();
            lines.add(String.format(Locale.ROOT, "  adjusted    %.2f x by the thresholds: %s; models that kept their plan took %.2f x, which "
                    + "is the machine's doing", adjusted, change(adjusted), story.controlRatio().getAsDouble()));
        } else {
            lines.add("  adjusted    not known: no model kept its plan, so nothing tells what the machine did meanwhile");
        }
        lines.add(String.format(Locale.ROOT, "              %.2f x over all models", all));
        return lines;
    }

    private static String plan(ClassStory story, ModelStory model) {
        if (model.samePlan()) {
            return "same plan";
        }
        return story.applied() == 0 ? "-" : "changed";
    }

    /** How many inferences the figures of a class rest on. */
    public static String samples(ClassStory story) {
        return story.samples() + " samples, " + story.exploredSamples() + " explored, " + story.invalidSamples() + " invalid";
    }

    /** Adds the stories to an object under {@code classes}. */
    public static ObjectNode json(List<ClassStory> stories) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode classes = root.putArray("classes");
        for (ClassStory story : stories) {
            ObjectNode node = classes.addObject();
            node.put("deviceClass", story.deviceClass());
            node.put("label", story.label());
            node.put("simulated", story.simulated());
            node.put("devices", story.devices());
            node.put("samples", story.samples());
            node.put("exploredSamples", story.exploredSamples());
            node.put("invalidSamples", story.invalidSamples());
            node.set("before", policy(story.epochBefore(), story.policyBefore()));
            story.policyAfter().ifPresent(after -> node.set("after", policy(story.epochAfter(), after)));
            story.reason().ifPresent(reason -> node.put("reason", reason));
            story.decision().ifPresent(decision -> node.put("decision", decision));
            node.put("direction", story.direction().name());
            node.put("devicesApplied", story.applied());
            node.put("devicesRefused", story.refused());
            put(node, "latencyRatio", story.overallRatio());
            put(node, "latencyRatioAllModels", story.allModelsRatio());
            put(node, "latencyRatioSamePlan", story.controlRatio());
            put(node, "latencyRatioAdjusted", story.adjustedRatio());
            ArrayNode models = node.putArray("models");
            for (ModelStory model : story.models()) {
                ObjectNode row = models.addObject();
                row.put("model", model.model());
                model.before().ifPresent(figure -> row.set("before", figure(figure)));
                model.after().ifPresent(figure -> row.set("after", figure(figure)));
                put(row, "latencyRatio", model.ratio());
                row.put("samePlan", model.samePlan());
            }
        }
        return root;
    }

    private static ObjectNode policy(long epoch, DelegationPolicy policy) {
        ObjectNode node = JSON.createObjectNode().put("epoch", epoch).put("text", policy.describe());
        if (policy instanceof DelegationPolicy.Thresholds thresholds) {
            node.put("mode", "THRESHOLDS")
                    .put("minOperators", thresholds.minOperators())
                    .put("minMacs", thresholds.minMacs())
                    .put("maxBytesPerMac", thresholds.maxBytesPerMac());
        } else if (policy instanceof DelegationPolicy.Never) {
            node.put("mode", "NEVER");
        }
        return node;
    }

    private static ObjectNode figure(LatencyFigure figure) {
        ObjectNode node = JSON.createObjectNode()
                .put("latencyP50Nanos", figure.p50Nanos())
                .put("samples", figure.samples())
                .put("windows", figure.windows());
        put(node, "energyMicrojoules", figure.energyMicrojoules());
        put(node, "memoryOverhead", figure.memoryOverhead());
        return node;
    }

    /** An absent figure is an absent field, never a zero. */
    private static void put(ObjectNode node, String field, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(field, value.getAsDouble());
        }
    }

    private static String latency(Optional<LatencyFigure> figure) {
        return figure.map(f -> String.format(Locale.ROOT, "%.2f ms", f.p50Nanos() / 1e6)).orElse("-");
    }

    private static String samples(Optional<LatencyFigure> figure) {
        return figure.map(f -> String.valueOf(f.samples())).orElse("-");
    }

    private static String ratio(OptionalDouble ratio) {
        return ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "-";
    }

    private static String energy(Optional<LatencyFigure> figure) {
        return figure.map(LatencyFigure::energyMicrojoules)
                .filter(OptionalDouble::isPresent)
                .map(e -> String.format(Locale.ROOT, "%.1f mJ", e.getAsDouble() / 1e3))
                .orElse("-");
    }

    private static String overhead(Optional<LatencyFigure> figure) {
        return figure.map(LatencyFigure::memoryOverhead)
                .filter(OptionalDouble::isPresent)
                .map(m -> String.format(Locale.ROOT, "%+.0f %%", 100 * m.getAsDouble()))
                .orElse("-");
    }

    private static String change(double ratio) {
        double percent = 100 * Math.abs(1 - ratio);
        return String.format(Locale.ROOT, "%.0f %% %s", percent, ratio <= 1 ? "less" : "more");
    }
}
