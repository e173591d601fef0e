package io.parallaxfleet.streambench.latency;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Notes when windows arrive on a dashboard's event stream, as a browser reads it, on a thread of its own. A window counts once its
 * event has been parsed.
 */
final class PageReader implements AutoCloseable {
    private static final String DATA = "data: ";

    private final InputStream stream;
    private final Arrivals arrivals;
    private final ObjectMapper json = new ObjectMapper();
    private final Thread thread = new Thread(this::read, "page-reader");

    /** @param page where the dashboard is */
    PageReader(URI page, Arrivals arrivals) throws IOException, InterruptedException {
        this.arrivals = arrivals;
        this.stream = HttpClient.newHttpClient().send(HttpRequest.newBuilder(page.resolve("/events")).build(),
                HttpResponse.BodyHandlers.ofInputStream()).body();
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(DATA)) {
                    note(json.readTree(line.substring(DATA.length())));
                }
            }
        } catch (IOException e) {
            // Closed at the end; before it, too few windows are counted, which the report shows.
            return;
        }
    }

    private void note(JsonNode event) {
        long now = System.currentTimeMillis();
        for (JsonNode series : event.path("series")) {
            for (JsonNode point : series.path("points")) {
                arrivals.came(List.of(point.path("endMillis").asLong(), series.path("classId").asText(), series.path("model").asText(),
                        series.path("explored").asBoolean(), point.path("epoch").asLong()), point.path("endMillis").asLong(), now);
            }
        }
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
