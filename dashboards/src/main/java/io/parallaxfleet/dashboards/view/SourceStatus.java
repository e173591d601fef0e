package io.parallaxfleet.dashboards.view;

import java.time.Instant;
import java.util.List;

/**
 * How the source of the records is doing.
 *
 * @param detail one line for people: what is wrong and what to do, or where the records come from
 * @param missingTopics topics that the source would read but that do not exist yet
 */
public record SourceStatus(State state, String detail, Instant since, List<String> missingTopics) {
    public SourceStatus {
        missingTopics = List.copyOf(missingTopics);
    }

    /** Whether records can arrive. */
    public enum State {
        CONNECTING,
        LIVE,
        LOST
    }
}
