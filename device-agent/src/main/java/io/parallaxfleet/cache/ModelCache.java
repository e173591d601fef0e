package io.parallaxfleet.cache;

import java.nio.file.Path;

/**
 * Where models and what is derived from them lie on disk; all of it may be deleted at any time.
 *
 * @param directory the whole cache
 */
public record ModelCache(Path directory) {
    /** {@code $XDG_CACHE_HOME/parallax-fleet}, or the same under {@code ~/.cache}. */
    public static ModelCache ofThisUser() {
        String configured = System.getenv("XDG_CACHE_HOME");
        Path base = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(configured);
        return new ModelCache(base.resolve("parallax-fleet"));
    }

    /** The directory given, or this user's where none is. */
    public static ModelCache at(Path directoryOrNull) {
        return directoryOrNull == null ? ofThisUser() : new ModelCache(directoryOrNull);
    }

    /** Models of the zoo with their weights. */
    public Path zoo() {
        return directory.resolve("zoo");
    }

    /** Optimised models, segments and what was measured on this device. */
    public Path prepared() {
        return directory.resolve("prepared");
    }
}
