package io.parallaxfleet.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Why a file could not be read or written, in words: the JDK's own messages often are nothing but the file's name. */
public final class FileFailure {
    private FileFailure() {}

    /** For instance {@code permission denied}; the exception's message where it has one. */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException || failure instanceof FileAlreadyExistsException) {
            return "a file is where a folder should be";
        }
        if (failure instanceof FileSystemException named) {
            return Optional.ofNullable(named.getReason()).orElse(named.getClass().getSimpleName());
        }
        return Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getSimpleName());
    }
}
