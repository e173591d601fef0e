package io.parallaxfleet.quickstart;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process of the agent jar: a device agent or a simulated fleet. It ends with {@link #close}, and with this process: a
 * shutdown hook ends it, and it is told this process's id so that it also ends when this process is killed.
 */
public final class AgentProcess implements AutoCloseable {
    /** Names the agent jar where it is not beside the quickstart's. */
    public static final String JAR_PROPERTY = "parallax.agent.jar";

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int LAST_LINES = 5;

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread hook;

    private AgentProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.hook = new Thread(process::destroy, "end-" + name);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts {@code java -jar parallax-agent.jar <arguments>}.
     *
     * @param name for messages
     * @param directory gets {@code <name>.log} with what the process prints, and {@code <name>.tmp} for its temporary files: native
     *     libraries unpacked there outlive a process that is killed; the caller deletes the directory
     * @throws StartupException when the jar is missing or the process cannot be started
     */
    public static AgentProcess start(String name, Path jar, List<String> arguments, Path directory) {
        if (!Files.isRegularFile(jar)) {
            throw new StartupException("the agent jar is not at " + jar + "; build it with 'mvn package' or name it with -D"
                    + JAR_PROPERTY + "=...");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        // Processes that start together must not unpack the OpenCL binding over one another.
        command.add("-DuniqueLibraryNames=true");
        command.add("-Djava.io.tmpdir=" + Directories.named(directory.resolve(name + ".tmp"), name));
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(arguments);
        Path log = directory.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        try {
            return new AgentProcess(name, builder.start(), log);
        } catch (IOException e) {
            throw new StartupException(name + " did not start: " + e.getMessage(), e);
        }
    }

    /** The agent jar as the build leaves it, unless {@value #JAR_PROPERTY} names another. */
    public static Path defaultJar() {
        String named = System.getProperty(JAR_PROPERTY);
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        Path here;
        try {
            here = Path.of(AgentProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new StartupException("the place of the quickstart's own jar is unknown; name the agent jar with -D" + JAR_PROPERTY, e);
        }
        // <root>/quickstart/target/quickstart.jar, or target/classes during a build.
        Path root = here.getParent().getParent().getParent();
        return root.resolve(Path.of("device-agent", "target", "parallax-agent.jar"));
    }

    public String name() {
        return name;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Process id. */
    public long pid() {
        return process.pid();
    }

    /** The last line it printed; empty before the first. */
    public Optional<String> lastLine() {
        List<String> lines = lastLines(1);
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(0));
    }

    /** Why it is gone, for people: exit code and the last lines it printed. */
    public String obituary() {
        return name + " ended with exit code " + process.exitValue() + ": " + String.join(" | ", lastLines(LAST_LINES));
    }

    private List<String> lastLines(int count) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException e) {
            return List.of("its log " + log + " cannot be read (" + e.getMessage() + ")");
        }
    }

    /** Asks it to end and does not wait. */
    public void askToEnd() {
        process.destroy();
    }

    /** Asks it to end, waits, and insists after a grace period. */
    @Override
    public void close() {
        askToEnd();
        try {
            if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs already; it finds the process ended.
        }
    }
}
