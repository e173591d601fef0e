package io.parallaxfleet.streambench;

import io.parallaxfleet.streambench.fleet.BenchFleet;
import io.parallaxfleet.streambench.process.Worker;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/** Loads topics, has contenders drain them one after the other, and says how they did. Not thread-safe. */
final class Contest implements AutoCloseable {
    private static final double NANOS = 1e9;

    /** One drain. */
    private record Turn(double wallSeconds, double cpuSeconds, double brokerCpuSeconds) {}

    private final Worker broker;
    private final String bootstrap;
    private final URI registry;
    private final long startMillis;
    private final BenchFleet fleet;
    private final Path directory;
    private final PrintStream out;
    private final Map<String, Worker> contenders = new LinkedHashMap<>();
    private final Map<String, List<Turn>> turns = new LinkedHashMap<>();
    private final Map<String, Loader.Loaded> drained = new LinkedHashMap<>();
    private final Map<String, List<String>> profiles = new LinkedHashMap<>();

    Contest(Worker broker, long startMillis, Path directory, PrintStream out) {
        this.broker = broker;
        this.bootstrap = broker.ready()[0];
        this.registry = URI.create(broker.ready()[1]);
        this.startMillis = startMillis;
        this.fleet = new BenchFleet(startMillis);
        this.directory = directory;
        this.out = out;
    }

    Loader.Loaded load(String topic, long branchSamples) throws InterruptedException, ExecutionException {
        Loader.Loaded loaded = new Loader(bootstrap, registry).load(topic, fleet, branchSamples);
        say("%s holds %,d records with %,d branch samples, %.2f bytes on the wire each (zstd)", topic, loaded.records(),
                loaded.samples() - loaded.records(), loaded.bytesPerBranch());
        return loaded;
    }

    /** Has each drain the topic, which also warms it up, and holds its aggregates against the reference. */
    void agree(Loader.Loaded topic, List<String> names) throws IOException {
        Reference reference = new Reference(Contender.WINDOW_MILLIS);
        for (long n = 0; n < topic.records(); n++) {
            reference.add(fleet.record(n));
        }
        Map<String, Row> right = new LinkedHashMap<>();
        reference.rows().forEach(row -> right.put(row.key(), row));
        for (String name : names) {
            Path results = directory.resolve(name + ".rows");
            drain(name, topic, results.toString(), "-");
            Optional<String> fault = Agreement.fault(right, Row.read(results));
            Files.delete(results);
            if (fault.isPresent()) {
                throw new IOException(name + " does not agree with the reference: " + fault.get());
            }
            say("%s agrees with the reference on %,d aggregates", name, right.size());
        }
    }

    /** Lets all take turns, of which the first so many count for nothing. */
    void measure(Loader.Loaded all, List<String> fast, Loader.Loaded part, List<String> slow, int warmUps, int times)
            throws IOException {
        fast.forEach(name -> drained.put(name, all));
        slow.forEach(name -> drained.put(name, part));
        for (int i = 0; i < warmUps; i++) {
            for (Map.Entry<String, Loader.Loaded> turn : drained.entrySet()) {
                drain(turn.getKey(), turn.getValue(), "-", "-");
            }
        }
        for (int i = 0; i < times; i++) {
            for (Map.Entry<String, Loader.Loaded> turn : drained.entrySet()) {
                Turn took = drain(turn.getKey(), turn.getValue(), "-", "-");
                turns.computeIfAbsent(turn.getKey(), name -> new ArrayList<>()).add(took);
                say("turn %d: %-11s %6.2f s, %6.2f CPU s", i + 1, turn.getKey(), took.wallSeconds(), took.cpuSeconds());
            }
        }
    }

    /** One more turn with the profiler on, which is not among the measured ones. */
    void profile(Loader.Loaded all, String name) throws IOException {
        Path file = directory.resolve(name + ".profile");
        // The recorder's first start throws compiled code away: what runs after that is not what is to be seen.
        drain(name, all, "-", file.toString());
        drain(name, all, "-", file.toString());
        profiles.put(name, Files.readAllLines(file));
    }

    private Turn drain(String name, Loader.Loaded topic, String results, String profileFile) throws IOException {
        Worker worker = contenders.get(name);
        if (worker == null) {
            // Flink's Avro registry format for SQL brings its own copy of what the job uses.
            worker = Worker.start(name, ContenderProcess.class, List.of(name, String.valueOf(startMillis)),
                    name.equals("sql") ? jar -> jar.startsWith("flink-avro-") : jar -> jar.startsWith("flink-sql-avro"), "2g",
                    directory);
            contenders.put(name, worker);
        }
        double brokerBefore = broker.cpu().toNanos() / NANOS;
        String[] answer = worker.ask(String.join(" ", bootstrap, registry.toString(), topic.topic(), String.valueOf(topic.records()),
                String.valueOf(topic.samples()), results, profileFile));
        return new Turn(Long.parseLong(answer[0]) / NANOS, Long.parseLong(answer[1]) / NANOS,
                broker.cpu().toNanos() / NANOS - brokerBefore);
    }

    void report() {
        say("");
        say("medians of %d turns; rates in million branch samples a second, CPU seconds of the contender's own process for 10 million",
                turns.values().iterator().next().size());
        say("%-12s %14s %8s %10s %10s %12s", "", "samples", "wall s", "M/s", "CPU s/10M", "broker CPU s");
        for (String name : turns.keySet()) {
            long branches = branches(name);
            say("%-12s %,14d %8.2f %10.2f %10.2f %12.2f", name, branches, median(name, Turn::wallSeconds), rate(name) / 1e6,
                    median(name, Turn::cpuSeconds) / branches * 1e7, median(name, Turn::brokerCpuSeconds));
        }
        if (turns.containsKey("job")) {
            turns.keySet().stream().filter(name -> !name.equals("job")).forEach(name ->
                    say("%s takes %.2fx the job's time and %.2fx its CPU seconds a sample", name, rate("job") / rate(name),
                            cpuOf(name) / cpuOf("job")));
        }
        profiles.forEach(this::report);
    }

    private void report(String name, List<String> profile) {
        int total = profile.stream().mapToInt(line -> Integer.parseInt(line.split("\t")[0])).sum();
        if (total > 0) {
            say("");
            say("where the time of %s goes (%,d stack samples of one more turn)", name, total);
            profile.stream().map(line -> line.split("\t")).sorted((a, b) -> Integer.parseInt(b[0]) - Integer.parseInt(a[0]))
                    .forEach(line -> say("%5.1f %%  %s", 100.0 * Integer.parseInt(line[0]) / total, line[1]));
        }
    }

    private long branches(String name) {
        return drained.get(name).samples() - drained.get(name).records();
    }

    private double rate(String name) {
        return branches(name) / median(name, Turn::wallSeconds);
    }

    private double cpuOf(String name) {
        return median(name, Turn::cpuSeconds) / branches(name);
    }

    private double median(String name, ToDoubleFunction<Turn> measure) {
        double[] sorted = turns.get(name).stream().mapToDouble(measure).sorted().toArray();
        return sorted.length % 2 == 1 ? sorted[sorted.length / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }

    @Override
    public void close() {
        contenders.values().forEach(Worker::close);
    }
}
