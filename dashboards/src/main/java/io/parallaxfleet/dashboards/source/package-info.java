/** Where the view's records come from: the fleet's Kafka topics. */
package io.parallaxfleet.dashboards.source;
