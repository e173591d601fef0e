package io.parallaxfleet.uplink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.time.Clock;

/**
 * What a running agent says: for people one line a fact on standard output, for machines one JSON object a line; warnings go to
 * standard error in both cases, and are events as well for machines. Thread-safe.
 */
public final class AgentEvents {
    private final PrintStream out;
    private final PrintStream err;
    private final boolean json;
    private final Clock clock;
    private final ObjectMapper mapper = new ObjectMapper();

    public AgentEvents(PrintStream out, PrintStream err, boolean json, Clock clock) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.clock = clock;
    }

    /** An empty object to fill and hand to {@link #event}. */
    public ObjectNode fields() {
        return mapper.createObjectNode();
    }

    /** A fact with its machine form. */
    public void event(String name, String text, ObjectNode fields) {
        if (json) {
            ObjectNode line = mapper.createObjectNode().put("event", name).put("timestamp", clock.millis());
            line.setAll(fields);
            out.println(line);
        } else {
            out.println(text);
        }
    }

    /** Progress that machines have no use for. */
    public void info(String text) {
        (json ? err : out).println(text);
    }

    /** One line that names the thing and what to do or what happens now. */
    public void warn(String text) {
        err.println("warning: " + text);
        if (json) {
            event("warning", text, fields().put("message", text));
        }
    }
}
