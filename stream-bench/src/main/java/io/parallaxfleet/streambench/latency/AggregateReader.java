package io.parallaxfleet.streambench.latency;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.streambench.process.CommittedAggregates;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import org.apache.kafka.common.errors.WakeupException;

/** Notes when committed aggregates arrive, whole inferences and branches, short windows and long, on a thread of its own. */
final class AggregateReader implements AutoCloseable {
    private final CommittedAggregates aggregates;
    private final Arrivals arrivals;
    private final Thread thread = new Thread(this::read, "aggregate-reader");

    AggregateReader(String bootstrap, URI registry, Arrivals arrivals) {
        this.arrivals = arrivals;
        this.aggregates = new CommittedAggregates(bootstrap, registry);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (aggregates) {
            while (true) {
                CommittedAggregates.Batch batch = aggregates.poll(Duration.ofSeconds(1));
                long now = System.currentTimeMillis();
                for (ClassAggregate a : batch.decoded()) {
                    arrivals.came(Arrays.asList(a.getWindowEnd(), a.getRollup(), a.getDeviceClass(), a.getModel(), a.getPlanId(), a.getBranch(),
                            a.getPolicyEpoch(), a.getExplored()), a.getWindowEnd().toEpochMilli(), now);
                }
            }
        } catch (WakeupException e) {
            // The end.
            return;
        }
    }

    @Override
    public void close() throws InterruptedException {
        aggregates.wakeUp();
        thread.join();
    }
}
