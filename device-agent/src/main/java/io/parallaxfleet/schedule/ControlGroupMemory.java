package io.parallaxfleet.schedule;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory limit of one control group.
 *
 * <p>Free is {@code limit - (usage - inactive file cache)}: the kernel drops that cache before it kills or throttles anything.
 * In version 2 the limit is the lower of {@code memory.max} (killed above) and {@code memory.high} (throttled above), in version
 * 1 it is {@code memory.limit_in_bytes}.
 *
 * @param limits files of one number each; the lowest counts
 * @param usage file with the bytes in use
 * @param statistics file with the size of the inactive file cache
 * @param cacheKey its key there
 */
record ControlGroupMemory(List<Path> limits, Path usage, Path statistics, String cacheKey) {
    private static final String MOUNT = "sys/fs/cgroup";

    ControlGroupMemory {
        limits = List.copyOf(limits);
    }

    /**
     * The groups that bound this process, its own and all above it, by {@code /proc/self/cgroup}. A container that sees its own
     * group mounted at the top while the kernel names the host's path gets the top alone.
     */
    static List<ControlGroupMemory> ofThisProcess(Path root) {
        List<ControlGroupMemory> groups = new ArrayList<>();
        for (String line : KernelFiles.lines(root.resolve("proc/self/cgroup"))) {
            // hierarchy:controllers:path, where version 2 has number 0 and no controllers
            String[] parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            if (parts[0].equals("0") && parts[1].isEmpty()) {
                addWithAncestors(groups, root.resolve(MOUNT), parts[2], true);
                addWithAncestors(groups, root.resolve(MOUNT).resolve("unified"), parts[2], true);
            } else if (List.of(parts[1].split(",")).contains("memory")) {
                addWithAncestors(groups, root.resolve(MOUNT).resolve("memory"), parts[2], false);
            }
        }
        return List.copyOf(groups);
    }

    private static void addWithAncestors(List<ControlGroupMemory> groups, Path mount, String path, boolean unified) {
        Path group = mount.resolve(path.replaceFirst("^/+", "")).normalize();
        if (!group.startsWith(mount) || !Files.isDirectory(group)) {
            group = mount;
        }
        for (; group.startsWith(mount); group = group.getParent()) {
            ControlGroupMemory memory = unified
                    ? new ControlGroupMemory(List.of(group.resolve("memory.max"), group.resolve("memory.high")),
                            group.resolve("memory.current"), group.resolve("memory.stat"), "inactive_file")
                    : new ControlGroupMemory(List.of(group.resolve("memory.limit_in_bytes")),
                            group.resolve("memory.usage_in_bytes"), group.resolve("memory.stat"), "total_inactive_file");
            if (memory.limits().stream().anyMatch(Files::isReadable)) {
                groups.add(memory);
            }
        }
    }

    /** Bytes that still fit below the limit, at least 0; {@link Long#MAX_VALUE} without a limit. */
    long freeBytes() {
        long limit = Long.MAX_VALUE;
        for (Path file : limits) {
            limit = Math.min(limit, KernelFiles.number(file).orElse(Long.MAX_VALUE));
        }
        OptionalLong used = limit == Long.MAX_VALUE ? OptionalLong.empty() : KernelFiles.number(usage);
        if (used.isEmpty()) {
            return limit;
        }
        long cache = Math.min(used.getAsLong(), KernelFiles.field(statistics, cacheKey).orElse(0));
        return Math.max(0, limit - (used.getAsLong() - cache));
    }
}
