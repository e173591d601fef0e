/** The live dashboard: one page over the fleet's topics. Start it with {@link io.parallaxfleet.dashboards.DashboardServer}. */
package io.parallaxfleet.dashboards;
