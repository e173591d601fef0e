/**
 * What the dashboard knows of the fleet: a bounded in-memory view fed with decoded records, and the immutable snapshots
 * taken of it. Knows nothing of Kafka, HTTP or JSON.
 */
package io.parallaxfleet.dashboards.view;
