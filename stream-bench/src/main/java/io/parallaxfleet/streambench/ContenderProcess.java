package io.parallaxfleet.streambench;

import io.parallaxfleet.streambench.fleet.BenchFleet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A contender in a process of its own, so that its CPU time is its own. Takes one drain a line, {@code bootstrap registry topic
 * records samples resultFile profile}, and answers each with {@code DONE wallNanos cpuNanos} or {@code FAILED why}. Ends with its
 * input.
 */
final class ContenderProcess {
    private ContenderProcess() {}

    /** @param arguments the contender's name and the event time of the fleet's first record */
    public static void main(String[] arguments) throws IOException {
        // Libraries print; the answers must stay alone.
        PrintStream answers = System.out;
        System.setOut(System.err);
        Contender contender = contender(arguments[0], Long.parseLong(arguments[1]));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        answers.println("READY");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(answer(contender, line.split(" ")));
        }
        // Engines leave threads behind that are no daemons.
        System.exit(0);
    }

    private static Contender contender(String name, long startMillis) {
        return switch (name) {
            case "bare" -> new BareContender();
            case "job" -> new JobContender("hashmap", new BenchFleet(startMillis).plans());
            case "job-rocksdb" -> new JobContender("rocksdb", new BenchFleet(startMillis).plans());
            case "sql" -> new SqlContender();
            case "streams" -> new StreamsContender();
            default -> throw new IllegalArgumentException("no contender is called " + name);
        };
    }

    private static String answer(Contender contender, String[] task) {
        try {
            Clock.reset();
            Profile profile = "-".equals(task[6]) ? null : Profile.start();
            List<Row> rows = contender.drain(new Contender.Task(task[0], URI.create(task[1]), task[2], Long.parseLong(task[3]),
                    Long.parseLong(task[4])));
            Clock.Reading passed = Clock.sinceFirstRecord();
            if (profile != null) {
                profile.stop(Path.of(task[6]));
            }
            if (!"-".equals(task[5])) {
                Row.write(rows, Path.of(task[5]));
            }
            return "DONE " + passed.wallNanos() + " " + passed.cpuNanos();
        } catch (Exception e) {
            // Whatever goes wrong in an engine is this turn's result, not this process's end.
            e.printStackTrace();
            return "FAILED " + e.toString().lines().findFirst().orElse("without a word");
        }
    }
}
