package io.parallaxfleet.schedule;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux would still give this process: {@code MemAvailable} of {@code /proc/meminfo}, or less where a control group of the
 * process or one of its ancestors leaves less (see {@link ControlGroupMemory}). A file that is missing or may not be read, as on
 * other systems or for Android apps, sets no limit. Reads files at every call, which takes up to a millisecond; {@link
 * RecentAvailableMemory} spares it. The files stay open until it is closed, and reading them allocates nothing. Thread-safe.
 */
public final class LinuxAvailableMemory implements AvailableMemory {
    private static final long BYTES_PER_KIBIBYTE = 1024;

    private static final byte[] AVAILABLE = "MemAvailable:".getBytes(StandardCharsets.US_ASCII);

    private final KernelFile memory;
    private final List<ControlGroupMemory> groups;

    /** @param root where {@code proc} and {@code sys} lie; {@code /} on a real system */
    public LinuxAvailableMemory(Path root) {
        this.memory = KernelFile.open(root.resolve("proc/meminfo"));
        this.groups = ControlGroupMemory.ofThisProcess(root);
    }

    /** @throws IllegalStateException that names the file when the kernel's text is not what it should be */
    @Override
    public synchronized long bytes() {
        long kibibytes = memory.field(AVAILABLE, -1);
        long available = kibibytes < 0 ? Long.MAX_VALUE : Math.multiplyExact(kibibytes, BYTES_PER_KIBIBYTE);
        for (int group = 0; group < groups.size(); group++) {
            available = Math.min(available, groups.get(group).freeBytes());
        }
        return available;
    }

    @Override
    public synchronized void close() {
        memory.close();
        groups.forEach(ControlGroupMemory::close);
    }
}
