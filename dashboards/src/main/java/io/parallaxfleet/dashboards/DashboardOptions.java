package io.parallaxfleet.dashboards;

import io.parallaxfleet.dashboards.source.KafkaSourceOptions;
import io.parallaxfleet.dashboards.view.ViewLimits;
import java.net.URI;

/**
 * How a dashboard runs.
 *
 * @param bindAddress host name or address to listen on; 127.0.0.1 keeps the page on this machine
 * @param port 0 takes a free one
 */
public record DashboardOptions(KafkaSourceOptions kafka, String bindAddress, int port, ViewLimits limits) {
    /** The port of the documentation. */
    public static final int DEFAULT_PORT = 8088;

    public DashboardOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 0..65535");
        }
        if (bindAddress.isBlank()) {
            throw new IllegalArgumentException("the bind address is empty; give 127.0.0.1 or 0.0.0.0");
        }
    }

    /** A dashboard on this machine with the usual history and limits. */
    public static DashboardOptions local(String bootstrap, URI registry, int port) {
        return new DashboardOptions(KafkaSourceOptions.of(bootstrap, registry), "127.0.0.1", port, ViewLimits.defaults());
    }
}
