package io.parallaxfleet.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that stands for a host's /proc and /sys. */
public final class RecordedHost {
    private final Path root;

    public RecordedHost(Path root) {
        this.root = root;
    }

    public RecordedHost with(String path, String content) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public RecordedHost without(String path) {
        try {
            Files.delete(root.resolve(path));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public HostFiles files() {
        return new HostFiles(root);
    }
}
