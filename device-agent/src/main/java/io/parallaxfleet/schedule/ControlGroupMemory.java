package io.parallaxfleet.schedule;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory limit of one control group.
 *
 * <p>Free is {@code limit - (usage - inactive file cache)}: the kernel drops that cache before it kills or throttles anything.
 * In version 2 the limit is the lower of {@code memory.max} (killed above) and {@code memory.high} (throttled above), in version
 * 1 it is {@code memory.limit_in_bytes}. Not thread-safe; holds its files open.
 */
final class ControlGroupMemory implements AutoCloseable {
    private static final String MOUNT = "sys/fs/cgroup";

    private final List<KernelFile> limits;
    private final KernelFile usage;
    private final KernelFile statistics;
    private final byte[] cacheKey;

    private ControlGroupMemory(List<Path> limits, Path usage, Path statistics, String cacheKey) {
        this.limits = limits.stream().map(KernelFile::open).toList();
        this.usage = KernelFile.open(usage);
        this.statistics = KernelFile.open(statistics);
        this.cacheKey = cacheKey.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The groups that bound this process, its own and all above it, by {@code /proc/self/cgroup}. A container that sees its own
     * group mounted at the top while the kernel names the host's path gets the top alone.
     */
    static List<ControlGroupMemory> ofThisProcess(Path root) {
        List<ControlGroupMemory> groups = new ArrayList<>();
        for (String line : KernelFile.lines(root.resolve("proc/self/cgroup"))) {
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
            List<Path> limits = unified
                    ? List.of(group.resolve("memory.max"), group.resolve("memory.high"))
                    : List.of(group.resolve("memory.limit_in_bytes"));
            if (limits.stream().anyMatch(Files::isReadable)) {
                groups.add(new ControlGroupMemory(limits, group.resolve(unified ? "memory.current" : "memory.usage_in_bytes"),
                        group.resolve("memory.stat"), unified ? "inactive_file" : "total_inactive_file"));
            }
        }
    }

    /** Bytes that still fit below the limit, at least 0; {@link Long#MAX_VALUE} without a limit. */
    long freeBytes() {
        long limit = Long.MAX_VALUE;
        for (int file = 0; file < limits.size(); file++) {
            limit = Math.min(limit, limits.get(file).number(Long.MAX_VALUE));
        }
        long used = limit == Long.MAX_VALUE ? -1 : usage.number(-1);
        if (used < 0) {
            return limit;
        }
        long cache = Math.min(used, statistics.field(cacheKey, 0));
        return Math.max(0, limit - (used - cache));
    }

    @Override
    public void close() {
        limits.forEach(KernelFile::close);
        usage.close();
        statistics.close();
    }
}
