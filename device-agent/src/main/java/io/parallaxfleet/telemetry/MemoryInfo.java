package io.parallaxfleet.telemetry;

import io.parallaxfleet.host.HostFiles;
import java.util.Optional;
import java.util.OptionalLong;

/** Lines of /proc/meminfo. */
final class MemoryInfo {
    private MemoryInfo() {}

    /** The line's value in bytes; the kernel writes kB and means KiB. */
    static OptionalLong bytes(HostFiles host, String field) {
        Optional<String> line = host.text("proc/meminfo")
                .flatMap(text -> text.lines().filter(candidate -> candidate.startsWith(field + ":")).findFirst());
        if (line.isEmpty()) {
            return OptionalLong.empty();
        }
        String[] words = line.get().split("\\s+");
        try {
            return words.length < 2 ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(words[1]) * 1024);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
