package io.parallaxfleet.quickstart.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A standalone Flink cluster of real processes: ZooKeeper, a JobManager that finds its jobs there again, two TaskManagers. Flink's
 * distribution is on no Maven repository and not needed: the quickstart's libraries hold all but the scripts.
 */
final class FlinkCluster implements AutoCloseable {
    static final int TASK_MANAGERS = 2;
    static final int SLOTS_EACH = 2;

    /** What the job brings itself; on the cluster's class path it would hide the job's own. */
    private static final List<String> JOB_LIBRARIES = List.of("job-", "operators-", "schemas-", "device-agent-", "dashboards-",
            "kafka", "flink-connector-kafka", "flink-avro", "avro-", "sketches-", "picocli-", "jackson-", "scala-", "zstd-", "chart.js");
    private static final String ZOOKEEPER = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain";
    private static final String JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    private static final String TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
    private static final String CLIENT = "org.apache.flink.client.cli.CliFrontend";
    private static final List<String> OPENS = List.of("--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.time=ALL-UNNAMED");

    private final Path directory;
    private final List<Path> libraries;
    private final int restPort;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<JavaProcess> taskManagers = new ArrayList<>();
    private JavaProcess zooKeeper;
    private JavaProcess jobManager;

    private FlinkCluster(Path directory, List<Path> libraries, int restPort) {
        this.directory = directory;
        this.libraries = List.copyOf(libraries);
        this.restPort = restPort;
    }

    /**
     * Starts all of it and waits for the slots.
     *
     * @param quickstartJar names the libraries in its manifest
     */
    static FlinkCluster start(Path directory, Path quickstartJar, int restPort, int zooKeeperPort) throws IOException {
        FlinkCluster cluster = new FlinkCluster(Files.createDirectories(directory), librariesOf(quickstartJar), restPort);
        try {
            cluster.configure(zooKeeperPort);
            cluster.zooKeeper = cluster.process("zookeeper", List.of("-Xmx96m"), ZOOKEEPER,
                    List.of(directory.resolve("zoo.cfg").toString()));
            cluster.jobManager = cluster.process("jobmanager", with(OPENS, "-Xmx512m"), JOB_MANAGER,
                    List.of("--configDir", directory.toString()));
            for (int i = 0; i < TASK_MANAGERS; i++) {
                cluster.taskManagers.add(cluster.taskManager(i));
            }
            Eventually.holds(Duration.ofMinutes(4), "all slots of the cluster", cluster::hasAllSlots, cluster.jobManager::lastLines);
            return cluster;
        } catch (RuntimeException | IOException e) {
            cluster.close();
            throw e;
        }
    }

    JavaProcess jobManager() {
        return jobManager;
    }

    List<JavaProcess> taskManagers() {
        return List.copyOf(taskManagers);
    }

    /** Submits the jar as {@code flink run -d} does. */
    void submit(Path jar, List<String> arguments) throws InterruptedException {
        List<String> run = new ArrayList<>(List.of("run", "-d", "-p", String.valueOf(SLOTS_EACH), jar.toString()));
        run.addAll(arguments);
        try (JavaProcess client = process("submit", with(OPENS, "-Xmx256m"), CLIENT, run)) {
            int status = client.awaitEnd(240);
            if (status != 0) {
                throw new FaultRunException("the job was not submitted (status " + status + "): " + client.lastLines());
            }
        }
    }

    boolean hasAllSlots() {
        return get("/overview").path("slots-total").asInt() == TASK_MANAGERS * SLOTS_EACH;
    }

    /** Whether the job runs, and every task of it. */
    boolean jobRuns() {
        JsonNode jobs = get("/jobs/overview").path("jobs");
        if (jobs.size() != 1) {
            return false;
        }
        JsonNode tasks = jobs.get(0).path("tasks");
        return "RUNNING".equals(jobs.get(0).path("state").asText()) && tasks.path("total").asInt() > 0
                && tasks.path("running").asInt() == tasks.path("total").asInt();
    }

    /** Checkpoints that completed since the JobManager last took the job up; 0 while nobody answers. */
    long completedCheckpoints() {
        JsonNode jobs = get("/jobs/overview").path("jobs");
        return jobs.isEmpty() ? 0
                : get("/jobs/" + jobs.get(0).path("jid").asText() + "/checkpoints").path("counts").path("completed").asLong();
    }

    /** A path of the JobManager's REST interface; an empty node while nobody answers. */
    private JsonNode get(String path) {
        try {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + restPort + path))
                    .timeout(Duration.ofSeconds(3)).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? new ObjectMapper().readTree(answer.body()) : new ObjectMapper().createObjectNode();
        } catch (IOException e) {
            return new ObjectMapper().createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ObjectMapper().createObjectNode();
        }
    }

    private JavaProcess taskManager(int number) {
        Configuration memory = new Configuration();
        memory.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, MemorySize.ofMebiBytes(1_024));
        // State is on the heap; only other backends use managed memory.
        memory.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ZERO);
        memory.set(TaskManagerOptions.NUM_TASK_SLOTS, SLOTS_EACH);
        TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(memory);
        List<String> options = new ArrayList<>(OPENS);
        options.addAll(words(ProcessMemoryUtils.generateJvmParametersStr(spec)));
        List<String> arguments = new ArrayList<>(List.of("--configDir", directory.toString()));
        arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(spec)));
        return process("taskmanager-" + number, options, TASK_MANAGER, arguments);
    }

    private JavaProcess process(String name, List<String> options, String mainClass, List<String> arguments) {
        List<String> all = new ArrayList<>(options);
        all.add("-Dlog4j2.configurationFile=" + directory.resolve("log4j2.properties").toUri());
        return JavaProcess.start(new JavaProcess.Command(name, all, libraries, mainClass, arguments,
                Map.of("FLINK_CONF_DIR", directory.toString())), directory);
    }

    private void configure(int zooKeeperPort) throws IOException {
        Path zooKeeperData = Files.createDirectories(directory.resolve("zookeeper-data"));
        Files.writeString(directory.resolve("zoo.cfg"), """
                tickTime=1000
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                """.formatted(zooKeeperData, zooKeeperPort));
        Files.writeString(directory.resolve("log4j2.properties"), """
                rootLogger.level = INFO
                rootLogger.appenderRef.console.ref = Console
                appender.console.type = Console
                appender.console.name = Console
                appender.console.layout.type = PatternLayout
                appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1} %m%n
                logger.kafka.name = org.apache.kafka
                logger.kafka.level = WARN
                """);
        Files.writeString(directory.resolve("config.yaml"), """
                jobmanager.rpc.address: 127.0.0.1
                jobmanager.bind-host: 127.0.0.1
                taskmanager.host: 127.0.0.1
                taskmanager.bind-host: 127.0.0.1
                taskmanager.numberOfTaskSlots: %d
                rest.address: 127.0.0.1
                rest.bind-address: 127.0.0.1
                rest.port: %d
                rest.bind-port: %d
                io.tmp.dirs: %s
                high-availability.type: zookeeper
                high-availability.zookeeper.quorum: 127.0.0.1:%d
                high-availability.zookeeper.client.session-timeout: 20 s
                high-availability.storageDir: %s
                high-availability.cluster-id: /parallax-faults
                execution.checkpointing.dir: %s
                heartbeat.interval: 2 s
                heartbeat.timeout: 15 s
                restart-strategy.type: fixed-delay
                restart-strategy.fixed-delay.attempts: 10000
                restart-strategy.fixed-delay.delay: 1 s
                """.formatted(SLOTS_EACH, restPort, restPort, Files.createDirectories(directory.resolve("tmp")), zooKeeperPort,
                directory.resolve("ha").toUri(), directory.resolve("checkpoints").toUri()));
    }

    private static List<Path> librariesOf(Path quickstartJar) throws IOException {
        try (JarFile jar = new JarFile(quickstartJar.toFile())) {
            return Arrays.stream(jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH).split(" "))
                    .map(quickstartJar.getParent()::resolve)
                    .filter(library -> JOB_LIBRARIES.stream().noneMatch(library.getFileName().toString()::startsWith))
                    .toList();
        }
    }

    private static List<String> with(List<String> options, String more) {
        List<String> all = new ArrayList<>(options);
        all.add(more);
        return all;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.trim().split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }

    @Override
    public void close() {
        taskManagers.forEach(JavaProcess::close);
        if (jobManager != null) {
            jobManager.close();
        }
        if (zooKeeper != null) {
            zooKeeper.close();
        }
    }
}
