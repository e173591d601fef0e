package io.parallaxfleet.dashboards.http;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.sun.net.httpserver.HttpExchange;
import io.parallaxfleet.dashboards.view.FleetSnapshot;
import io.parallaxfleet.dashboards.view.FleetView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Server-sent events: first the whole state, then what changed, at most once per {@code pace}; a heartbeat when nothing
 * changes, so that both ends notice a dead connection. What comes within a moment of a change goes with it: windows close together,
 * and the rest of them would wait for the next event. Each reader has a thread and its own revision, so a slow one delays
 * nobody and is sent fewer, larger changes. Thread-safe.
 */
final class EventStream {
    /** Browsers wait this long before they connect again. */
    private static final int RETRY_MILLIS = 2_000;
    /** Longer than a commit of the job takes to be read. */
    private static final long SETTLE_MILLIS = 150;

    private final FleetView view;
    private final ObjectWriter json;
    private final Duration pace;
    private final Duration heartbeat;
    private final int maxReaders;
    private final AtomicInteger readers = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);

    EventStream(FleetView view, ObjectWriter json, Duration pace, Duration heartbeat, int maxReaders) {
        this.view = view;
        this.json = json;
        this.pace = pace;
        this.heartbeat = heartbeat;
        this.maxReaders = maxReaders;
    }

    /** Serves one reader until it goes away or the server closes. */
    void serve(HttpExchange exchange) throws IOException {
        if (readers.incrementAndGet() > maxReaders) {
            readers.decrementAndGet();
            Responses.text(exchange, 503, "too many open pages (" + maxReaders + "); close one");
            return;
        }
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            // Proxies that buffer would hold events back.
            exchange.getResponseHeaders().set("X-Accel-Buffering", "no");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            exchange.sendResponseHeaders(200, 0);
            stream(exchange.getResponseBody());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            readers.decrementAndGet();
        }
    }

    /** Ends all streams. */
    void close() {
        closing.countDown();
    }

    private void stream(OutputStream out) throws IOException, InterruptedException {
        write(out, "retry: " + RETRY_MILLIS + "\n\n");
        long sent = 0;
        while (closing.getCount() > 0) {
            if (view.awaitChange(sent, heartbeat)) {
                if (sent > 0) {
                    closing.await(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
                }
                FleetSnapshot snapshot = view.snapshot(sent);
                write(out, "event: state\nid: " + snapshot.revision() + "\ndata: " + json.writeValueAsString(snapshot) + "\n\n");
                sent = snapshot.revision();
            } else {
                write(out, "event: heartbeat\ndata: {}\n\n");
            }
            closing.await(pace.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
