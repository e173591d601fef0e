package io.parallaxfleet.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFailureTest {
    @TempDir
    Path folder;

    private static String reasonOf(Path file) {
        return FileFailure.reason(assertThrows(IOException.class, () -> Files.writeString(file, "x")));
    }

    @Test
    @DisplayName("a folder that is not there is named as that, not by its path alone")
    void missingFolder() {
        assertEquals("no such file or folder", reasonOf(folder.resolve("absent").resolve("plan.svg")));
    }

    @Test
    @DisplayName("what the operating system says is handed on")
    void reasonOfTheSystem() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertEquals("Not a directory", reasonOf(file.resolve("plan.svg")));
    }

    @Test
    @DisplayName("missing rights are named")
    void denied() {
        assertEquals("permission denied", FileFailure.reason(new AccessDeniedException("/etc/shadow")));
    }

    @Test
    @DisplayName("a failure without a message is told by its kind")
    void silent() {
        assertEquals("IOException", FileFailure.reason(new IOException()));
    }
}
