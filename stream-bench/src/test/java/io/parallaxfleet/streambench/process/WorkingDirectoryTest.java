package io.parallaxfleet.streambench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.quickstart.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingDirectoryTest {
    @Test
    void aDirectoryThatIsNamedIsMadeAndKept(@TempDir Path parent) throws Exception {
        Path wanted = parent.resolve("new");

        assertEquals(0, WorkingDirectory.with(Optional.of(wanted), "unused-", directory -> 0));
        assertTrue(Files.isDirectory(wanted));
    }

    @Test
    void whatAnEarlierRunLeftIsRefusedByName(@TempDir Path used) throws Exception {
        Files.createFile(used.resolve("kafka"));

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class,
                () -> WorkingDirectory.with(Optional.of(used), "unused-", directory -> 0));

        assertTrue(refusal.getMessage().contains(used + " is not empty"), refusal::getMessage);
    }

    @Test
    void aTemporaryDirectoryIsDeletedUnlessTheRunFailed() throws Exception {
        AtomicReference<Path> good = new AtomicReference<>();
        AtomicReference<Path> bad = new AtomicReference<>();

        WorkingDirectory.with(Optional.empty(), "working-directory-test-", directory -> {
            good.set(directory);
            return 0;
        });
        WorkingDirectory.with(Optional.empty(), "working-directory-test-", directory -> {
            bad.set(directory);
            return 1;
        });

        assertFalse(Files.exists(good.get()));
        assertTrue(Files.exists(bad.get()));
        Directories.delete(bad.get());
    }
}
