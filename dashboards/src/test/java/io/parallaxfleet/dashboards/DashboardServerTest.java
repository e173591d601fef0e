package io.parallaxfleet.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.dashboards.fixture.Records;
import io.parallaxfleet.dashboards.fixture.ScriptedFleet;
import io.parallaxfleet.dashboards.view.SourceStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server over HTTP, fed without Kafka. */
@Timeout(300)
class DashboardServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final ScriptedFleet fleet = new ScriptedFleet(Clock.systemUTC());
    private DashboardServer server;

    @BeforeEach
    void start() {
        server = DashboardServer.start(options(0), fleet, Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static DashboardOptions options(int port) {
        return DashboardOptions.local("localhost:9092", URI.create("http://localhost:8081"), port);
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri().resolve(path)).timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void servesThePageAndAllItNeedsFromItself() throws Exception {
        String page = get("/").body();
        List<String> referenced = Arrays.stream(page.split("\"")).filter(text -> text.matches("/[a-z]+\\.(js|css|svg)")).toList();
        assertTrue(referenced.contains("/chart.js"), referenced.toString());
        for (String path : referenced) {
            HttpResponse<String> asset = get(path);
            assertEquals(200, asset.statusCode(), path);
            assertTrue(asset.body().length() > 50, path);
        }
        assertFalse(page.contains("http://") || page.contains("https://"), "the page refers to another host");
    }

    @Test
    void sendsSecurityHeadersWithEveryAnswer() throws Exception {
        for (String path : List.of("/", "/app.js", "/api/state", "/metrics", "/healthz", "/nowhere")) {
            HttpResponse<String> answer = get(path);
            String policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
            assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), path + ": " + policy);
            assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""), path);
            assertEquals("DENY", answer.headers().firstValue("X-Frame-Options").orElse(""), path);
        }
    }

    @Test
    void givesTheStateAsJsonWithoutNumbersThatJsonHasNot() throws Exception {
        HttpResponse<String> answer = get("/api/state");
        assertTrue(answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json"));
        JsonNode state = JSON.readTree(answer.body());
        assertEquals(3, state.path("classes").size());
        assertTrue(state.path("full").asBoolean());
        assertFalse(answer.body().contains("NaN"));
        for (JsonNode owner : state.path("classes")) {
            assertEquals(owner.path("name").asText().startsWith("sim-"), owner.path("simulated").asBoolean());
        }
    }

    @Test
    void givesOnlyWhatChangedSinceARevision() throws Exception {
        long revision = JSON.readTree(get("/api/state").body()).path("revision").asLong();
        JsonNode nothing = JSON.readTree(get("/api/state?since=" + revision).body());
        assertEquals(0, nothing.path("classes").size() + nothing.path("series").size());
        fleet.tick();
        JsonNode delta = JSON.readTree(get("/api/state?since=" + revision).body());
        assertFalse(delta.path("full").asBoolean());
        for (JsonNode series : delta.path("series")) {
            assertEquals(1, series.path("points").size());
        }
    }

    @Test
    void givesTheBranchesOfAPlan() throws Exception {
        String planId = "linux-x86_64-epyc-pocl%2Fdistilbert%2F1";
        JsonNode plan = JSON.readTree(get("/api/plan?class=" + ScriptedFleet.MEASURED + "&simulated=false&id=" + planId).body());
        assertEquals(12, plan.path("branches").size());
        assertTrue(plan.path("branches").get(0).path("measured").path("p50Nanos").asDouble() > 0);
        assertEquals(404, get("/api/plan?class=" + ScriptedFleet.MEASURED + "&simulated=true&id=" + planId).statusCode());
        assertEquals(400, get("/api/plan?class=x").statusCode());
    }

    @Test
    void streamsTheStateFirstAndThenWhatChanges() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/events")).build();
        HttpResponse<InputStream> stream = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertTrue(stream.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream"));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertTrue(nextData(lines).path("full").asBoolean());
            fleet.view().device(Records.device("late", "late-class", false).build(), Records.at("parallax.devices", Instant.now()));
            JsonNode delta = nextData(lines);
            assertFalse(delta.path("full").asBoolean());
            assertEquals("late-class", delta.path("classes").get(0).path("name").asText());
        }
    }

    @Test
    void exposesMetricsWithASimulatedLabelAndNoEnergyWhereThereIsNone() throws Exception {
        fleet.tick();
        String hostile = "evil\"} 1\ninjected 1";
        fleet.view().device(Records.device("x", hostile, false).build(), Records.at("parallax.devices", Instant.now()));
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("parallax_devices{device_class=\"sim-pixel-6\",simulated=\"true\"} 180.0"), metrics);
        assertTrue(metrics.contains("parallax_policy_epoch{device_class=\"" + ScriptedFleet.MEASURED + "\",simulated=\"false\"} 1.0"));
        assertTrue(metrics.contains("parallax_dead_letters_total 2.0"));
        String phone = "{device_class=\"" + ScriptedFleet.PHONE + "\",simulated=\"true\"";
        assertTrue(metrics.contains("parallax_rollout_membership_ratio" + phone + "} 0.05"), metrics);
        assertTrue(metrics.contains("parallax_rollout_held" + phone + ",hold=\"paused\"} 1.0"), metrics);
        assertTrue(metrics.contains("parallax_rollout_measured_devices" + phone + ",side=\"members\"} 9.0"), metrics);
        List<String> lines = metrics.lines().toList();
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("injected")), "a label broke out of its line");
        assertTrue(lines.stream().filter(line -> line.startsWith("parallax_inference_energy_joules"))
                .noneMatch(line -> line.contains(ScriptedFleet.PHONE)));
        assertTrue(lines.stream().filter(line -> !line.startsWith("#"))
                .allMatch(line -> line.matches("[a-z_]+(\\{.*\\})? [-0-9.Ee]+")), metrics);
    }

    @Test
    void isHealthyOnlyWhileItsSourceIs() throws Exception {
        assertEquals(200, get("/healthz").statusCode());
        fleet.view().sourceStatus(new SourceStatus(SourceStatus.State.LOST, "no broker", Instant.now(), List.of()));
        assertEquals(503, get("/healthz").statusCode());
        assertTrue(get("/healthz").body().contains("no broker"));
    }

    @Test
    void answersNothingButReads() throws Exception {
        HttpRequest post = HttpRequest.newBuilder(server.uri().resolve("/api/state"))
                .POST(HttpRequest.BodyPublishers.ofString("x")).build();
        assertEquals(405, client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode());
        assertEquals(404, get("/../../etc/passwd").statusCode());
        assertEquals(404, get("/io/parallaxfleet/dashboards/assets.properties").statusCode());
        assertEquals(400, get("/api/state?since=abc").statusCode());
    }

    @Test
    void refusesAPageOfAnotherSiteThatPointsItsNameHere() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.uri().getPort())) {
            socket.getOutputStream().write("GET /api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 421"), answer);
        }
    }

    @Test
    void letsBrowsersKeepTheAssetsThatDidNotChange() throws Exception {
        String etag = get("/chart.js").headers().firstValue("ETag").orElseThrow();
        assertEquals(304, get("/chart.js", "If-None-Match", etag).statusCode());
    }

    @Test
    void saysInOneLineThatThePortIsTaken() {
        DashboardOptions taken = options(server.uri().getPort());
        DashboardException refused =
                assertThrows(DashboardException.class, () -> DashboardServer.start(taken, new ScriptedFleet(Clock.systemUTC()), Clock.systemUTC()));
        assertTrue(refused.getMessage().contains(":" + server.uri().getPort()) && refused.getMessage().contains("--port"));
        assertFalse(refused.getMessage().contains("\n"));
    }

    private static JsonNode nextData(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: {\"revision\"")) {
                return JSON.readTree(line.substring("data: ".length()));
            }
        }
        throw new AssertionError("the stream ended");
    }
}
