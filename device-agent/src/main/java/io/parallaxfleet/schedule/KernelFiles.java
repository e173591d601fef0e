package io.parallaxfleet.schedule;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Numbers out of the kernel's text files. */
final class KernelFiles {
    /** What cgroup v2 writes where there is no limit. */
    private static final String NO_LIMIT = "max";

    private KernelFiles() {}

    /** The lines; none when the file is missing or may not be read, which is how a kernel or a sandbox says "not here". */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A file of one number; empty when it is not there or says there is no limit. */
    static OptionalLong number(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() || lines.get(0).trim().equals(NO_LIMIT) ? OptionalLong.empty() : parse(file, lines.get(0).trim());
    }

    /** The number after a key in a file of {@code key value} lines; empty when there is no such line. */
    static OptionalLong field(Path file, String key) {
        for (String line : lines(file)) {
            String[] words = line.trim().split("\\s+");
            if (words.length >= 2 && words[0].equals(key)) {
                return parse(file, words[1]);
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong parse(Path file, String digits) {
        try {
            return OptionalLong.of(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw new IllegalStateException(file + " holds '" + digits + "' where a whole number belongs", e);
        }
    }
}
