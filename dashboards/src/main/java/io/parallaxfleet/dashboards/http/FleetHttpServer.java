package io.parallaxfleet.dashboards.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.parallaxfleet.dashboards.view.ClassKey;
import io.parallaxfleet.dashboards.view.FleetView;
import io.parallaxfleet.dashboards.view.PlanDetail;
import io.parallaxfleet.dashboards.view.SourceStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves the page at {@code /}, the state at {@code /api/state?since=R}, a plan's branches at
 * {@code /api/plan?class=..&simulated=..&id=..}, events at {@code /events}, metrics at {@code /metrics} and the health at
 * {@code /healthz}. Read-only: every other method than GET and HEAD is refused. Thread-safe.
 */
public final class FleetHttpServer implements AutoCloseable {
    private static final int MAX_READERS = 32;
    private static final int MAX_THREADS = MAX_READERS + 16;
    private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String JSON = "application/json; charset=utf-8";

    private final FleetView view;
    private final ObjectWriter json = new ObjectMapper().writer();
    private final PageAssets assets = PageAssets.load();
    private final EventStream events;
    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final boolean loopback;

    private FleetHttpServer(InetSocketAddress address, FleetView view) throws IOException {
        this.view = view;
        this.events = new EventStream(view, json, Duration.ofSeconds(1), Duration.ofSeconds(15), MAX_READERS);
        this.loopback = address.getAddress().isLoopbackAddress();
        this.server = HttpServer.create(address, 64);
        AtomicInteger number = new AtomicInteger();
        // No queue: a request that finds no thread is closed at once and never waits behind open event streams.
        this.threads = new ThreadPoolExecutor(2, MAX_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "dashboard-http-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
    }

    /**
     * Binds and serves.
     *
     * @param address port 0 takes a free one
     * @throws IOException when the address cannot be bound
     */
    public static FleetHttpServer start(InetSocketAddress address, FleetView view) throws IOException {
        FleetHttpServer http = new FleetHttpServer(address, view);
        http.server.start();
        return http;
    }

    /** Where the page is; a wildcard address is given as localhost. */
    public URI uri() {
        InetAddress address = server.getAddress().getAddress();
        String host = address.isAnyLocalAddress() || address.isLoopbackAddress() ? "localhost" : address.getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        events.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Responses.secure(exchange.getResponseHeaders());
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                Responses.text(exchange, 405, "only GET and HEAD are answered here");
            } else if (isForeign(exchange)) {
                Responses.text(exchange, 421, "this dashboard is bound to this machine; open it as localhost or 127.0.0.1");
            } else {
                route(exchange);
            }
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        switch (path) {
            case "/events" -> events.serve(exchange);
            case "/api/state" -> state(exchange);
            case "/api/plan" -> plan(exchange);
            case "/metrics" -> Responses.send(
                    exchange, 200, MetricsText.CONTENT_TYPE, MetricsText.of(view).getBytes(StandardCharsets.UTF_8));
            case "/healthz" -> health(exchange);
            default -> asset(exchange, path);
        }
    }

    private void state(HttpExchange exchange) throws IOException {
        String since = query(exchange).getOrDefault("since", "0");
        if (!since.matches("\\d{1,18}")) {
            Responses.text(exchange, 400, "since must be a revision: digits only");
            return;
        }
        Responses.send(exchange, 200, JSON, json.writeValueAsBytes(view.snapshot(Long.parseLong(since))));
    }

    private void plan(HttpExchange exchange) throws IOException {
        Map<String, String> query = query(exchange);
        if (!query.containsKey("class") || !query.containsKey("id")) {
            Responses.text(exchange, 400, "class and id are needed: /api/plan?class=..&simulated=true|false&id=..");
            return;
        }
        ClassKey owner = new ClassKey(query.get("class"), Boolean.parseBoolean(query.get("simulated")));
        Optional<PlanDetail> detail = view.plan(owner, query.get("id"));
        if (detail.isPresent()) {
            Responses.send(exchange, 200, JSON, json.writeValueAsBytes(detail.get()));
        } else {
            Responses.text(exchange, 404, "no such plan is known");
        }
    }

    private void health(HttpExchange exchange) throws IOException {
        SourceStatus source = view.sourceStatus();
        boolean live = source.state() == SourceStatus.State.LIVE;
        byte[] body = json.writeValueAsBytes(Map.of("status", live ? "ok" : "degraded", "source", source.state().name(), "detail",
                source.detail()));
        Responses.send(exchange, live ? 200 : 503, JSON, body);
    }

    private void asset(HttpExchange exchange, String path) throws IOException {
        Optional<PageAssets.Asset> found = assets.at(path);
        if (found.isEmpty()) {
            Responses.text(exchange, 404, "nothing is served at this path");
            return;
        }
        PageAssets.Asset asset = found.get();
        exchange.getResponseHeaders().set("ETag", asset.etag());
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        if (asset.etag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        Responses.send(exchange, 200, asset.contentType(), asset.bytes());
    }

    /** Whether a page of another site reached this server under its own name (DNS rebinding). */
    private boolean isForeign(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        return loopback && host != null && !LOCAL_NAMES.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT));
    }

    private static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> values = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        if (raw != null) {
            for (String pair : raw.split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    values.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return values;
    }
}
