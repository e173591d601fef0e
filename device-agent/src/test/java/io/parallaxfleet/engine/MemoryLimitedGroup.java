package io.parallaxfleet.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A control group of the kernel whose processes are killed when together they take more than its limit. */
final class MemoryLimitedGroup implements AutoCloseable {
    private final Path group;

    private MemoryLimitedGroup(Path group) {
        this.group = group;
    }

    /** Empty where this process may not make one. */
    static Optional<MemoryLimitedGroup> create(String name, long limitBytes) {
        Path mount = Path.of("/sys/fs/cgroup");
        return create(mount.resolve("memory").resolve(name), "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", limitBytes)
                .or(() -> create(mount.resolve(name), "memory.max", "memory.swap.max", limitBytes));
    }

    private static Optional<MemoryLimitedGroup> create(Path group, String limit, String swap, long limitBytes) {
        if (!Files.isDirectory(group.getParent())) {
            return Optional.empty();
        }
        try {
            Files.createDirectory(group);
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            Files.writeString(group.resolve(limit), String.valueOf(limitBytes));
            if (Files.exists(group.resolve(swap))) {
                Files.writeString(group.resolve(swap), swap.endsWith("swap.max") ? "0" : String.valueOf(limitBytes));
            }
            return Optional.of(new MemoryLimitedGroup(group));
        } catch (IOException e) {
            new MemoryLimitedGroup(group).close();
            return Optional.empty();
        }
    }

    /** Starts a process that is in the group from its first instruction on; what it prints comes as one stream. */
    Process start(List<String> command, Path directory) throws IOException {
        List<String> joining = new ArrayList<>(List.of("sh", "-c", "echo $$ > \"$0\"; exec \"$@\"", group.resolve("cgroup.procs").toString()));
        joining.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(joining).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        return builder.start();
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(group);
        } catch (IOException e) {
            System.err.println("the control group " + group + " stays behind: " + e.getMessage());
        }
    }
}
