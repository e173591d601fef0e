/** The page, its JSON, its event stream and the Prometheus metrics, over the JDK's own HTTP server. */
package io.parallaxfleet.dashboards.http;
