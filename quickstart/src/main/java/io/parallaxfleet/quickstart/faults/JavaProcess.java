package io.parallaxfleet.quickstart.faults;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A JVM of the run: it can be killed as by kill -9, and started again with the same command. It ends with {@link #close}, and with this
 * process. Not thread-safe.
 */
final class JavaProcess implements AutoCloseable {
    private static final int GRACE_SECONDS = 15;
    private static final int LAST_LINES = 12;

    /**
     * What to start.
     *
     * @param name for messages, and of the log file
     * @param classPath goes through the environment, which has no limit on its length that matters
     */
    record Command(String name, List<String> jvmOptions, List<Path> classPath, String mainClass, List<String> arguments,
            Map<String, String> environment) {
        Command {
            jvmOptions = List.copyOf(jvmOptions);
            classPath = List.copyOf(classPath);
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    private final Command command;
    private final Path log;
    private final Thread hook;
    private volatile Process process;

    private JavaProcess(Command command, Path log) {
        this.command = command;
        this.log = log;
        this.hook = new Thread(() -> process.destroyForcibly(), "end-" + command.name());
        start();
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @param directory gets {@code <name>.log} with what the process prints */
    static JavaProcess start(Command command, Path directory) {
        return new JavaProcess(command, directory.resolve(command.name() + ".log"));
    }

    String name() {
        return command.name();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() {
        process.destroyForcibly();
        await();
    }

    /** Starts it again after it ended; its log goes on. */
    void startAgain() {
        if (process.isAlive()) {
            throw new IllegalStateException(name() + " still runs");
        }
        start();
    }

    /** SIGTERM, and SIGKILL after a grace period. */
    void end() {
        process.destroy();
        await();
    }

    /** Exit status of a process that ends by itself. */
    int awaitEnd(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new FaultRunException(name() + " did not end in " + seconds + " s: " + lastLines());
        }
        return process.exitValue();
    }

    /** The last lines it printed, for messages. */
    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "its log " + log + " cannot be read";
        }
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs already; it finds the process ended.
        }
    }

    private void start() {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(command.jvmOptions());
        line.add(command.mainClass());
        line.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(command.environment());
        builder.environment().put("CLASSPATH",
                command.classPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name() + " did not start", e);
        }
    }

    private void await() {
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
