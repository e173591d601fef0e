package io.parallaxfleet.agent;

import io.parallaxfleet.cache.ModelCache;
import java.nio.file.Path;

/** Where an agent keeps things when nobody says otherwise, by the XDG base directory rules. */
public final class LocalDirectories {
    private LocalDirectories() {}

    /** Models and what is derived from them; may be deleted at any time. */
    public static Path cache() {
        return ModelCache.ofThisUser().directory();
    }

    /** Policy file and spool of a device; losing it loses unsent telemetry. */
    public static Path state(String deviceId) {
        String configured = System.getenv("XDG_STATE_HOME");
        Path base = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".local", "state")
                : Path.of(configured);
        return base.resolve("parallax-fleet").resolve(deviceId.replaceAll("[^A-Za-z0-9._-]", "_"));
    }
}
