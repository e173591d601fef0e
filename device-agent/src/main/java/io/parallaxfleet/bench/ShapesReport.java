package io.parallaxfleet.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.engine.ShapeBuild;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a {@link ShapesBenchmark} found.
 *
 * @param shapes values of the open dimensions
 * @param latencies by contender, one summary a shape
 * @param firstBuilds the shapes as they were first met, with what is done once on a device
 * @param replanning builds on an engine that holds one shape, each shape twice
 * @param difference largest relative difference of an output from plain ONNX Runtime's
 */
record ShapesReport(
        String model, List<Map<String, Long>> shapes, Map<String, List<ModeSummary>> latencies, List<ShapeBuild> firstBuilds,
        List<ShapeBuild> replanning, double difference) {
    private static final double MILLIS = 1e-6;

    /** The engine's median over that of the better plain setting. */
    double ratio(int shape) {
        long best = Long.MAX_VALUE;
        for (Map.Entry<String, List<ModeSummary>> entry : latencies.entrySet()) {
            if (!entry.getKey().equals(Contenders.ENGINE)) {
                best = Math.min(best, entry.getValue().get(shape).medianNanos());
            }
        }
        return (double) latencies.get(Contenders.ENGINE).get(shape).medianNanos() / best;
    }

    private double geometricMean() {
        double logs = 0;
        for (int shape = 0; shape < shapes.size(); shape++) {
            logs += Math.log(ratio(shape));
        }
        return Math.exp(logs / shapes.size());
    }

    /** The slowest planning; NaN where there was none. */
    double slowestPlanMillis(boolean seenBefore) {
        return replanning.stream().filter(build -> build.planFound() == seenBefore)
                .mapToLong(ShapeBuild::planNanos).max().stream().mapToDouble(nanos -> nanos * MILLIS).findFirst().orElse(Double.NaN);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s over %d shapes in turn, medians in ms", model, shapes.size());
        line(text, "%-40s %s %8s", "shape", String.join(" ", latencies.keySet().stream().map(name -> String.format("%20s", name)).toList()), "ratio");
        for (int shape = 0; shape < shapes.size(); shape++) {
            int row = shape;
            line(text, "%-40s %s %8.3f", shapes.get(shape), String.join(" ", latencies.values().stream()
                    .map(of -> String.format(Locale.ROOT, "%20.2f", of.get(row).medianNanos() * MILLIS)).toList()), ratio(shape));
        }
        line(text, "geometric mean %.3f x the better plain setting; outputs differ by %.1e at most", geometricMean(), difference);
        firstBuilds.forEach(build -> line(text, "first met %s: ready after %.0f ms in the background", build.dimensions(), build.totalNanos() * MILLIS));
        replanning.forEach(build -> line(text, "%s %s: planned in %.3f ms, sessions open after %.0f ms",
                build.planFound() ? "seen before" : "first plan ", build.dimensions(), build.planNanos() * MILLIS, build.totalNanos() * MILLIS));
        return text.toString();
    }

    ObjectNode json(ObjectMapper mapper) {
        ObjectNode root = mapper.createObjectNode().put("model", model).put("geometricMeanRatio", geometricMean()).put("difference", difference);
        ArrayNode rows = root.putArray("shapes");
        for (int shape = 0; shape < shapes.size(); shape++) {
            ObjectNode row = rows.addObject().put("dimensions", shapes.get(shape).toString()).put("ratio", ratio(shape));
            ObjectNode medians = row.putObject("medianNanos");
            int at = shape;
            latencies.forEach((name, of) -> medians.put(name, of.get(at).medianNanos()));
        }
        builds(root.putArray("firstBuilds"), firstBuilds);
        builds(root.putArray("replanning"), replanning);
        return root;
    }

    private static void builds(ArrayNode into, List<ShapeBuild> builds) {
        builds.forEach(build -> into.addObject().put("dimensions", build.dimensions().toString()).put("planFound", build.planFound())
                .put("planNanos", build.planNanos()).put("totalNanos", build.totalNanos()));
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
