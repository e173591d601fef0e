package io.parallaxfleet.streambench;

import java.net.URI;
import java.util.List;

/** Something that turns a topic of telemetry into aggregates. */
interface Contender {
    /** Two cores are what the figures are for. */
    int PARALLELISM = 2;
    long WINDOW_MILLIS = 10_000;

    /**
     * @param bootstrap of the broker
     * @param records in the topic
     * @param samples branches and whole inferences in it
     */
    record Task(String bootstrap, URI registry, String topic, long records, long samples) {}

    /** Reads the topic from its start to its present end, and gives the short windows' aggregates; none where none are made. */
    List<Row> drain(Task task) throws Exception;
}
