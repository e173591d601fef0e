package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.agent.AgentCommand;
import io.parallaxfleet.job.JobMain;
import io.parallaxfleet.simulate.SimulateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine;

/** The compose file names only what exists: images, build targets, services, volumes, verbs and options. */
class ComposeFileTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern PINNED = Pattern.compile("[a-z/]+:\\d+\\.\\d+\\.\\d+[-a-z0-9]*");
    private static final Pattern PUBLISHED_PORT = Pattern.compile("127\\.0\\.0\\.1:\\d+:\\d+");

    private static Map<String, Object> file;
    private static Map<String, Map<String, Object>> services;

    @BeforeAll
    @SuppressWarnings("unchecked")
    static void read() throws IOException {
        file = new Yaml().load(Files.readString(ROOT.resolve("docker-compose.yml")));
        services = (Map<String, Map<String, Object>>) file.get("services");
    }

    @Test
    @DisplayName("broker, JobManager, TaskManager, job, dashboard, two agents and a simulated fleet are there")
    void isComplete() {
        assertTrue(services.keySet().containsAll(Set.of(
                "broker", "registry", "jobmanager", "taskmanager", "job", "dashboard", "agent-1", "agent-2", "simulated-fleet")));
    }

    @Test
    @DisplayName("every service has a pinned image or a build target that its Dockerfile defines")
    @SuppressWarnings("unchecked")
    void imagesExist() throws IOException {
        for (Map.Entry<String, Map<String, Object>> service : services.entrySet()) {
            if (service.getValue().get("build") instanceof Map<?, ?> build) {
                Path dockerfile = ROOT.resolve((String) ((Map<String, Object>) build).get("dockerfile"));
                String target = (String) build.get("target");
                assertTrue(Files.readString(dockerfile).contains(" AS " + target + "\n"), service.getKey() + " builds " + target);
            } else {
                String image = (String) service.getValue().get("image");
                assertTrue(PINNED.matcher(image).matches(), service.getKey() + " uses " + image);
            }
        }
    }

    @Test
    @DisplayName("the Flink image and the broker are of the versions the project is built with")
    void versionsAgree() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        assertTrue(pom.contains("<flink.version>" + version("jobmanager") + "</flink.version>"));
        assertTrue(pom.contains("<kafka.version>" + version("broker") + "</kafka.version>"));
        assertEquals(services.get("jobmanager").get("image"), services.get("taskmanager").get("image"));
        assertTrue(Files.readString(ROOT.resolve("docker/Dockerfile")).contains("FROM " + services.get("jobmanager").get("image") + " AS job"));
    }

    private static String version(String service) {
        String image = (String) services.get(service).get("image");
        return image.substring(image.indexOf(':') + 1).replaceAll("-.*", "");
    }

    @Test
    @DisplayName("what a service waits for is a service, and its named volumes are declared")
    void referencesResolve() {
        Set<String> volumes = new TreeSet<>(((Map<?, ?>) file.get("volumes")).keySet().stream().map(String::valueOf).toList());
        for (Map.Entry<String, Map<String, Object>> service : services.entrySet()) {
            Object dependsOn = service.getValue().getOrDefault("depends_on", List.of());
            Collection<?> names = dependsOn instanceof Map<?, ?> conditions ? conditions.keySet() : (Collection<?>) dependsOn;
            names.forEach(name -> assertTrue(services.containsKey((String) name), service.getKey() + " waits for " + name));
            for (Object volume : (List<?>) service.getValue().getOrDefault("volumes", List.of())) {
                assertTrue(volumes.contains(((String) volume).replaceAll(":.*", "")), service.getKey() + " mounts " + volume);
            }
        }
    }

    @Test
    @DisplayName("ports are published to this host only, each once")
    void portsAreLocal() {
        List<String> ports = services.values().stream()
                .flatMap(service -> ((List<?>) service.getOrDefault("ports", List.of())).stream())
                .map(String::valueOf)
                .toList();
        assertFalse(ports.isEmpty());
        ports.forEach(port -> assertTrue(PUBLISHED_PORT.matcher(port).matches(), port));
        assertEquals(ports.size(), ports.stream().map(port -> port.split(":")[1]).collect(Collectors.toSet()).size());
    }

    @Test
    @DisplayName("every verb and option that a container is started with exists")
    void commandLinesParse() {
        for (String agent : List.of("agent-1", "agent-2")) {
            parse(new AgentCommand(), "agent", command(agent));
        }
        parse(new SimulateCommand(), "simulate", command("simulated-fleet"));
        for (String tool : List.of("topics", "registry", "dashboard")) {
            new CommandLine(new Main()).parseArgs(command(tool));
        }
        List<String> submission = List.of(command("job"));
        int jar = submission.indexOf("/opt/parallax/parallax-job.jar");
        assertTrue(JobMain.parse(submission.subList(jar + 1, submission.size()).toArray(String[]::new)).isPresent());
    }

    private static void parse(Object verb, String name, String[] command) {
        assertEquals(name, command[0]);
        new CommandLine(verb).parseArgs(Arrays.copyOfRange(command, 1, command.length));
    }

    private static String[] command(String service) {
        return ((List<?>) services.get(service).get("command")).stream().map(String::valueOf).toArray(String[]::new);
    }
}
