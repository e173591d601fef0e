package io.parallaxfleet.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says of this process's memory, in bytes. Linux only. */
public final class OwnMemory {
    private OwnMemory() {}

    /** All that is resident, mapped files included. */
    public static long residentBytes() throws IOException {
        return field("VmRSS:");
    }

    /** What the process has to itself, mapped files left out. */
    public static long anonymousBytes() throws IOException {
        return field("RssAnon:");
    }

    /** The most that was resident at any time. */
    public static long peakBytes() throws IOException {
        return field("VmHWM:");
    }

    private static long field(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
