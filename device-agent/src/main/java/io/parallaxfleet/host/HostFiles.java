package io.parallaxfleet.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Reads what the kernel shows under /proc and /sys. What is absent, unreadable or not a number is empty: hosts differ, and a
 * missing file is an answer and not an error. Thread-safe.
 *
 * @param root the directory that stands for {@code /}; another one shows a recorded tree
 */
public record HostFiles(Path root) {
    /** This machine. */
    public static HostFiles ofThisMachine() {
        return new HostFiles(Path.of("/"));
    }

    /** The file's text without surrounding white space. */
    public Optional<String> text(String path) {
        return text(root.resolve(path));
    }

    public Optional<String> text(Path path) {
        try {
            return Optional.of(Files.readString(path).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The file's content as one whole number. */
    public OptionalLong number(String path) {
        return number(root.resolve(path));
    }

    public OptionalLong number(Path path) {
        Optional<String> text = text(path);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text.get()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Entries of a directory whose names start so, in name order. */
    public List<Path> entries(String directory, String prefix) {
        try (Stream<Path> entries = Files.list(root.resolve(directory))) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix)).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
