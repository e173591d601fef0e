package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Tells a person, or a machine, what happens: timed lines for people; with JSON, one object a line on standard output and the
 * lines for people on standard error. Thread-safe.
 */
final class Narrator {
    private final PrintWriter people;
    private final PrintWriter machines;
    private final boolean json;
    private final LongSupplier nanoTime;
    private final long startNanos;

    Narrator(PrintWriter out, PrintWriter err, boolean json, LongSupplier nanoTime) {
        this.people = json ? err : out;
        this.machines = out;
        this.json = json;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    /** Seconds since the start. */
    double seconds() {
        return (nanoTime.getAsLong() - startNanos) * 1e-9;
    }

    /** A line with its time. */
    void say(String line) {
        people.println(String.format(Locale.ROOT, "[%6.1f s] %s", seconds(), line));
        people.flush();
    }

    /** A line that belongs to the one before. */
    void more(String line) {
        people.println(line.isEmpty() ? "" : "           " + line);
        people.flush();
    }

    /** A line as it is. */
    void plain(String line) {
        people.println(line);
        people.flush();
    }

    /** An event for machines; nothing for people. */
    void event(String name, ObjectNode fields) {
        if (json) {
            ObjectNode line = new ObjectMapper().createObjectNode().put("event", name).put("seconds", seconds());
            line.setAll(fields);
            machines.println(line);
            machines.flush();
        }
    }
}
