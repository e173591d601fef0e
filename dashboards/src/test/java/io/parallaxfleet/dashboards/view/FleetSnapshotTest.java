package io.parallaxfleet.dashboards.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.dashboards.fixture.Records;
import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What readers of the view are sent, and when. */
class FleetSnapshotTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final RecordPosition HERE = new RecordPosition("parallax.test", 2, 77, START);

    private Instant now = START;
    private final InstantSource time = () -> now;
    private final FleetView view = new FleetView(time.withZone(ZoneOffset.UTC), ViewLimits.defaults());

    private void window(long second, double p50Millis) {
        view.aggregate(Records.window("edge", false, "distilbert", 0, START.plusSeconds(second))
                .setLatencyP50Nanos(p50Millis * 1e6).build(), HERE);
    }

    @Test
    void sinceARevisionCarryOnlyWhatChanged() {
        window(10, 40);
        view.device(Records.device("a", "quiet", false).build(), HERE);
        long seen = view.snapshot(0).revision();
        window(20, 41);
        FleetSnapshot delta = view.snapshot(seen);
        assertFalse(delta.full());
        assertEquals(List.of("edge"), delta.classes().stream().map(ClassState::name).toList());
        assertEquals(List.of(41e6), delta.series().get(0).points().stream().map(Point::p50Nanos).toList());
    }

    @Test
    void afterAResetAreFullAgain() {
        window(10, 40);
        long seen = view.snapshot(0).revision();
        view.reset();
        FleetSnapshot snapshot = view.snapshot(seen);
        assertTrue(snapshot.full());
        assertEquals(List.of(), snapshot.classes());
    }

    @Test
    void ofARevisionThatIsNotYetAreFull() {
        assertTrue(view.snapshot(view.snapshot(0).revision() + 100).full());
    }

    @Test
    void takeTheirTimeFromTheClock() {
        now = now.plus(Duration.ofMinutes(3));
        assertEquals(START.plusSeconds(180).toEpochMilli(), view.snapshot(0).nowMillis());
    }

    @Test
    void areWaitedForUntilSomethingChanges() throws Exception {
        long seen = view.snapshot(0).revision();
        assertFalse(view.awaitChange(seen, Duration.ZERO));
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return view.awaitChange(seen, Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        window(10, 40);
        assertTrue(waiting.get(30, TimeUnit.SECONDS));
    }
}
