package io.parallaxfleet.agent;

import java.nio.file.Path;

/** Another agent runs on the same state directory. */
public final class StateInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StateInUseException(Path stateDirectory) {
        super("another agent runs with the state directory " + stateDirectory + "; give each its own --device-id or --state-dir");
    }
}
