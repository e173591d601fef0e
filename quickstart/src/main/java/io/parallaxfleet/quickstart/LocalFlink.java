package io.parallaxfleet.quickstart;

import io.parallaxfleet.job.FleetJob;
import io.parallaxfleet.job.JobOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * The fleet job on a Flink cluster inside this process. The cluster is held here rather than by a local environment, which closes
 * its own at some time after the job's end: its files could then not be deleted in order.
 */
public final class LocalFlink implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(100);

    private final MiniCluster cluster;
    private final JobID job;
    private final CompletableFuture<JobResult> result;

    private LocalFlink(MiniCluster cluster, JobID job) {
        this.cluster = cluster;
        this.job = job;
        this.result = cluster.requestJobResult(job);
    }

    /**
     * Submits the job and waits until it runs. The fleet's topics must exist.
     *
     * @param parallelism slots of the cluster
     * @param directory where the cluster keeps its temporary files; the caller deletes it after {@link #close}
     * @throws StartupException when it does not run within a minute
     * @throws io.parallaxfleet.schemas.topics.BrokerUnavailableException when the brokers do not answer
     */
    public static LocalFlink start(JobOptions options, int parallelism, Path directory) {
        return start(options, parallelism, directory, new Configuration());
    }

    /**
     * As {@link #start(JobOptions, int, Path)}.
     *
     * @param more what the cluster is told besides, such as a state backend; what keeps it on this machine stays as it is
     */
    public static LocalFlink start(JobOptions options, int parallelism, Path directory, Configuration more) {
        Configuration configuration = new Configuration(more);
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(CoreOptions.TMP_DIRS, directory.toString());
        configuration.set(WebOptions.TMP_DIR, directory.toString());
        // Beside the heap, where a checkpoint of more than 5 MiB would fail; the job's own options come after and win.
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.resolve("checkpoints").toUri().toString());
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        FleetJob.build(environment, options);
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(FleetJob.NAME);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(parallelism)
                .build());
        try {
            cluster.start();
            JobID job = cluster.submitJob(graph).get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS).getJobID();
            LocalFlink flink = new LocalFlink(cluster, job);
            flink.awaitRunning();
            return flink;
        } catch (InterruptedException e) {
            stop(cluster);
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while the Flink job started", e);
        } catch (Exception e) {
            // MiniCluster.start declares Exception.
            stop(cluster);
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
            return Optional.of(result.get().getSerializedThrowable()
                    .map(cause -> "the Flink job failed: " + rootOf(cause))
                    .orElse("the Flink job ended"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted while asking for the Flink job's end");
        } catch (ExecutionException e) {
            return Optional.of("the Flink cluster failed: " + rootOf(e));
        }
    }

    /**
     * Takes a savepoint; the job goes on.
     *
     * @param into a directory, in which the savepoint gets one of its own
     * @return the savepoint's directory
     * @throws ExecutionException when the job cannot take one
     * @throws TimeoutException when it took longer than the time given
     */
    public Path savepoint(Path into, SavepointFormatType format, Duration atMost)
            throws InterruptedException, ExecutionException, TimeoutException {
        String where = cluster.triggerSavepoint(job, into.toUri().toString(), false, format).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        return Path.of(URI.create(where));
    }

    /** Cancels the job and ends the cluster; none of its threads writes a file any more then. */
    @Override
    public void close() {
        if (!result.isDone()) {
            try {
                cluster.cancelJob(job).get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
                result.handle((done, cancelled) -> null).get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                // The cluster's end is the job's.
                System.err.println("the Flink job did not stop in " + STOP_TIMEOUT.toSeconds() + " s");
            }
        }
        stop(cluster);
    }

    private static void stop(MiniCluster cluster) {
        try {
            cluster.closeAsync().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The process is about to end and takes the cluster with it.
            System.err.println("the Flink cluster did not stop in order: " + e);
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
            return cluster.getJobStatus(job).get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return JobStatus.INITIALIZING;
        }
    }

    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
