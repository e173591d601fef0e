package io.parallaxfleet.uplink;

import io.parallaxfleet.host.FileFailure;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The fleet key on disk: the file's text without white space around it. */
public final class KeyFile {
    private KeyFile() {}

    /** @throws IllegalArgumentException in one line that names the file */
    public static ThresholdSignature read(Path file) {
        try {
            return new ThresholdSignature(Files.readString(file).strip().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalArgumentException("the key file '" + file + "' cannot be read (" + FileFailure.reason(e) + ")", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the key file '" + file + "': " + e.getMessage(), e);
        }
    }
}
