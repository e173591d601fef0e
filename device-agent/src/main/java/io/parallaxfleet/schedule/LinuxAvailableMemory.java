package io.parallaxfleet.schedule;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What Linux would still give this process: {@code MemAvailable} of {@code /proc/meminfo}, or less where a control group of the
 * process or one of its ancestors leaves less (see {@link ControlGroupMemory}). A file that is missing or may not be read, as on
 * other systems or for Android apps, sets no limit. Reads files at every call, which takes up to a millisecond; {@link RecentAvailableMemory} spares
 * it. Thread-safe.
 */
public final class LinuxAvailableMemory implements AvailableMemory {
    private static final long BYTES_PER_KIBIBYTE = 1024;

    private final Path root;
    private final List<ControlGroupMemory> groups;

    /** @param root where {@code proc} and {@code sys} lie; {@code /} on a real system */
    public LinuxAvailableMemory(Path root) {
        this.root = root;
        this.groups = ControlGroupMemory.ofThisProcess(root);
    }

    /** @throws IllegalStateException that names the file when the kernel's text is not what it should be */
    @Override
    public long bytes() {
        long available = memAvailable();
        for (ControlGroupMemory group : groups) {
            available = Math.min(available, group.freeBytes());
        }
        return available;
    }

    private long memAvailable() {
        Path file = root.resolve("proc/meminfo");
        OptionalLong kibibytes = KernelFiles.field(file, "MemAvailable:");
        return kibibytes.isPresent() ? Math.multiplyExact(kibibytes.getAsLong(), BYTES_PER_KIBIBYTE) : Long.MAX_VALUE;
    }
}
