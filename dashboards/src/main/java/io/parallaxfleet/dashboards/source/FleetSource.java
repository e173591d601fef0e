package io.parallaxfleet.dashboards.source;

import io.parallaxfleet.dashboards.view.FleetView;

/** Feeds a view with records from its own thread until it is closed, and tells the view how the source is doing. */
public interface FleetSource extends AutoCloseable {
    /**
     * Checks that the records can be reached and begins to read; called once.
     *
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when the records cannot be reached now; a source that is lost later says
     *     so through {@link FleetView#sourceStatus} and comes back by itself
     */
    void start(FleetView view);

    /** Stops reading; returns when the reader has ended. */
    @Override
    void close();
}
