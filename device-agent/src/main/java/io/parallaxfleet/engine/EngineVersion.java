package io.parallaxfleet.engine;

/** The engine's version, part of every plan's identity and of what is cached on disk. */
public final class EngineVersion {
    public static final String CURRENT = "0.2.0";

    private EngineVersion() {}
}
