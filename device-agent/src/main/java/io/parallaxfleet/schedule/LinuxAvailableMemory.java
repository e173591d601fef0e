package io.parallaxfleet.schedule;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code MemAvailable} of {@code /proc/meminfo}. */
public final class LinuxAvailableMemory implements AvailableMemory {
    private final Path root;

    /** @param root where {@code proc} lies; {@code /} on a real system */
    public LinuxAvailableMemory(Path root) {
        this.root = root;
    }

    @Override
    public long bytes() {
        Path file = root.resolve("proc/meminfo");
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            return Long.MAX_VALUE;
        } catch (IOException e) {
            // Not Linux: the scheduler then has no limit to keep.
            return Long.MAX_VALUE;
        }
    }
}
