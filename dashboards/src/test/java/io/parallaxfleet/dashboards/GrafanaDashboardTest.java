package io.parallaxfleet.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.dashboards.fixture.ScriptedFleet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The Grafana dashboard asks for metrics that the server really exposes. */
class GrafanaDashboardTest {
    private static final Pattern METRIC = Pattern.compile("parallax_[a-z_]+");

    private final JsonNode dashboard = read();

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(Path.of("grafana", "dashboards", "parallax-fleet.json").toFile());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void asksOnlyForMetricsThatAreExposed() throws Exception {
        ScriptedFleet fleet = new ScriptedFleet(Clock.systemUTC());
        DashboardOptions options = DashboardOptions.local("localhost:9092", URI.create("http://localhost:8081"), 0);
        try (DashboardServer server = DashboardServer.start(options, fleet, Clock.systemUTC())) {
            fleet.tick();
            String metrics = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(server.uri().resolve("/metrics")).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            Set<String> exposed = metrics.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[{ ]")[0])
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> asked = new TreeSet<>();
            Matcher matcher = METRIC.matcher(dashboard.toString());
            while (matcher.find()) {
                asked.add(matcher.group());
            }
            assertTrue(asked.size() >= 8, asked.toString());
            asked.removeAll(exposed);
            assertEquals(Set.of(), asked);
        }
    }

    @Test
    void showsSimulatedAndMeasuredOneKindAtATime() {
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String query = target.path("expr").asText();
                assertTrue(!query.contains("{") || query.contains("simulated=\"$simulated\""), query);
            }
        }
    }
}
