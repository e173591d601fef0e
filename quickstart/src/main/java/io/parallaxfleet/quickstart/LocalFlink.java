package io.parallaxfleet.quickstart;

import io.parallaxfleet.job.FleetJob;
import io.parallaxfleet.job.JobOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The fleet job on a Flink cluster inside this process. */
public final class LocalFlink implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(100);

    private final JobClient client;
    private final CompletableFuture<?> result;

    private LocalFlink(JobClient client) {
        this.client = client;
        this.result = client.getJobExecutionResult();
    }

    /**
     * Submits the job and waits until it runs. The fleet's topics must exist.
     *
     * @param parallelism slots of the cluster
     * @throws StartupException when it does not run within a minute
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when the brokers do not answer
     */
    public static LocalFlink start(JobOptions options, int parallelism) {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        FleetJob.build(environment, options);
        try {
            LocalFlink flink = new LocalFlink(environment.executeAsync(FleetJob.NAME));
            flink.awaitRunning();
            return flink;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while the Flink job started", e);
        } catch (Exception e) {
            // executeAsync declares Exception.
            throw e instanceof RuntimeException known ? known
                    : new StartupException("the Flink job did not start: " + e.getMessage(), e);
        }
    }

    /** Why the job ended by itself; empty while it runs. */
    public Optional<String> failure() {
        if (!result.isDone()) {
            return Optional.empty();
        }
        try {
            result.get();
            return Optional.of("the Flink job ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted while asking for the Flink job's end");
        } catch (ExecutionException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return Optional.of("the Flink job failed: " + root);
        }
    }

    /** Cancels the job; the cluster goes with it. */
    @Override
    public void close() {
        if (result.isDone()) {
            return;
        }
        try {
            client.cancel().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.handle((done, cancelled) -> null).get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The process is about to end and takes the cluster with it.
            System.err.println("the Flink job did not stop in " + STOP_TIMEOUT.toSeconds() + " s");
        }
    }

    private void awaitRunning() throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            Optional<String> failure = failure();
            if (failure.isPresent()) {
                throw new StartupException(failure.get());
            }
            if (status() == JobStatus.RUNNING) {
                return;
            }
            if (System.nanoTime() > deadline) {
                close();
                throw new StartupException("the Flink job did not run within " + START_TIMEOUT.toSeconds() + " s");
            }
            try {
                result.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                // Not ended, or ended: failure() tells which.
                continue;
            }
        }
    }

    private JobStatus status() throws InterruptedException {
        try {
            return client.getJobStatus().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return JobStatus.INITIALIZING;
        }
    }
}
