package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** What a machine may lack: the test is skipped with a line that says what to install, except where it must not be. */
final class Requirements {
    private Requirements() {}

    /**
     * Ends the calling test.
     *
     * @param variable environment variable that, set to 1, forbids to skip
     */
    static void missing(String variable, String whatToInstall) {
        if ("1".equals(System.getenv(variable))) {
            fail(whatToInstall);
        }
        System.out.println("SKIPPED: " + whatToInstall);
        abort(whatToInstall);
    }
}
