package io.parallaxfleet.cache;

import io.parallaxfleet.host.FileFailure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Directories and files on disk that are either complete or absent: they are made under another name and moved into place in one
 * step, by one process at a time. A process that is killed half way leaves nothing that counts as made.
 */
public final class CachedDirectory {
    /** Makes the content of a directory that exists and is empty. */
    @FunctionalInterface
    public interface Filler {
        void fill(Path directory) throws IOException;
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private CachedDirectory() {}

    /**
     * Returns the directory, made by {@code filler} if it is not there yet. Of several threads and processes that ask at once,
     * one makes it and the others wait.
     *
     * @throws UncheckedIOException when the disk refuses; names the directory
     */
    public static Path make(Path directory, Filler filler) {
        if (Files.isDirectory(directory)) {
            return directory;
        }
        // A file lock is held by the whole process, so threads need a monitor of their own.
        synchronized (CachedDirectory.class) {
            Path parent = directory.toAbsolutePath().getParent();
            String name = directory.getFileName().toString();
            try {
                Files.createDirectories(parent);
                try (FileChannel channel = FileChannel.open(
                                parent.resolve("." + name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    if (!Files.isDirectory(directory)) {
                        Path making = parent.resolve("." + name + ".making");
                        // Whoever was killed while making it no longer holds the lock: what is there is a ruin.
                        delete(making);
                        Files.createDirectory(making);
                        try {
                            filler.fill(making);
                            Files.move(making, directory, StandardCopyOption.ATOMIC_MOVE);
                        } finally {
                            delete(making);
                        }
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "cannot write '" + directory + "' (" + FileFailure.reason(e) + "); free space or give another cache directory", e);
            }
        }
        return directory;
    }

    /**
     * Writes a file in one step, unless it is there already.
     *
     * @throws UncheckedIOException when the disk refuses; names the file
     */
    public static Path writeOnce(Path file, Content content) {
        if (Files.isRegularFile(file)) {
            return file;
        }
        try {
            Path making = Files.createTempFile(file.toAbsolutePath().getParent(), "." + file.getFileName(), ".making");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(making))) {
                    content.writeTo(out);
                }
                Files.move(making, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException e) {
                // Another process wrote the same content first.
                return file;
            } finally {
                Files.deleteIfExists(making);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write '" + file + "' (" + FileFailure.reason(e) + "); free space or give another cache directory", e);
        }
        return file;
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(directory)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
