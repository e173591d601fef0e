package io.parallaxfleet.streambench.process;

import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** A broker with the fleet's topics, a registry and the fleet's job, the broker and the job each in a process of its own. */
public final class LiveSystem implements AutoCloseable {
    private final Worker broker;
    private final Worker job;

    private LiveSystem(Worker broker, Worker job) {
        this.broker = broker;
        this.job = job;
    }

    /**
     * Starts them one after the other.
     *
     * @param backend short name of the job's state backend
     * @param heap of the job's process, as the JVM takes it
     * @param directory of their data and logs
     */
    public static LiveSystem start(String backend, int parallelism, Duration checkpoints, String heap, Path directory) throws IOException {
        Worker broker = Worker.start("broker", BrokerProcess.class, List.of(directory.resolve("kafka").toString()), jar -> false, "1g",
                directory);
        try {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.ready()[0]))) {
                TopicCatalogue.createMissing(admin, Optional.empty());
            }
            // Flink's Avro format for SQL brings its own copy of what the job uses.
            Worker job = Worker.start("job", JobProcess.class, List.of(broker.ready()[0], broker.ready()[1],
                    directory.resolve("flink").toString(), backend, String.valueOf(parallelism), String.valueOf(checkpoints.toMillis())),
                    jar -> jar.startsWith("flink-sql-avro"), heap, directory);
            return new LiveSystem(broker, job);
        } catch (IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    public String bootstrap() {
        return broker.ready()[0];
    }

    public URI registry() {
        return URI.create(broker.ready()[1]);
    }

    /** Answers what {@link JobProcess} takes. */
    public Worker job() {
        return job;
    }

    public Worker broker() {
        return broker;
    }

    @Override
    public void close() {
        job.close();
        broker.close();
    }
}
