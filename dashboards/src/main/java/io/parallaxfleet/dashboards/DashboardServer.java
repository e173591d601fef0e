package io.parallaxfleet.dashboards;

import io.parallaxfleet.dashboards.http.FleetHttpServer;
import io.parallaxfleet.dashboards.source.FleetSource;
import io.parallaxfleet.dashboards.source.KafkaFleetSource;
import io.parallaxfleet.dashboards.view.FleetView;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;

/** A running dashboard: a source feeds a view, an HTTP server shows it. Thread-safe; closing stops both. */
public final class DashboardServer implements AutoCloseable {
    private final FleetHttpServer http;
    private final FleetSource source;

    private DashboardServer(FleetHttpServer http, FleetSource source) {
        this.http = http;
        this.source = source;
    }

    /**
     * Starts a dashboard over Kafka.
     *
     * @throws DashboardException when the port cannot be bound
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when no broker answers
     */
    public static DashboardServer start(DashboardOptions options) {
        Clock clock = Clock.systemUTC();
        return start(options, new KafkaFleetSource(options.kafka(), clock), clock);
    }

    /** Starts a dashboard over any source; otherwise as {@link #start(DashboardOptions)}. */
    public static DashboardServer start(DashboardOptions options, FleetSource source, Clock clock) {
        FleetView view = new FleetView(clock, options.limits());
        FleetHttpServer http = listen(options, view);
        try {
            source.start(view);
        } catch (RuntimeException e) {
            http.close();
            throw e;
        }
        return new DashboardServer(http, source);
    }

    /** Where the page is. */
    public URI uri() {
        return http.uri();
    }

    @Override
    public void close() {
        http.close();
        source.close();
    }

    private static FleetHttpServer listen(DashboardOptions options, FleetView view) {
        String where = options.bindAddress() + ":" + options.port();
        InetSocketAddress address = new InetSocketAddress(options.bindAddress(), options.port());
        if (address.isUnresolved()) {
            throw new DashboardException("the bind address '" + options.bindAddress() + "' is not known; give 127.0.0.1 or 0.0.0.0", null);
        }
        try {
            return FleetHttpServer.start(address, view);
        } catch (BindException e) {
            throw new DashboardException(
                    "cannot listen on " + where + " (" + e.getMessage() + "); is a dashboard running there? choose another with --port",
                    e);
        } catch (IOException e) {
            throw new DashboardException("cannot listen on " + where + ": " + e.getMessage(), e);
        }
    }
}
